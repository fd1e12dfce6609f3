#include "app/core/model_twins.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/file_hash.h"

namespace sotto::app {
namespace {

struct Candidate {
    std::size_t model = 0;  // its place in what was asked
    std::vector<FileIdentity> parts;

    std::uint64_t nBytes() const {
        std::uint64_t nBytes = 0;
        for (const FileIdentity& part : parts) nBytes += part.nBytes;
        return nBytes;
    }
};

// Nothing where a part is not there, or is empty.
std::optional<Candidate> candidateOf(std::size_t model,
                                     const std::vector<std::filesystem::path>& files) {
    Candidate candidate{.model = model, .parts = {}};
    for (const std::filesystem::path& file : files) {
        const auto identity = identityOf(file);
        if (!identity || identity->nBytes == 0) return std::nullopt;
        candidate.parts.push_back(*identity);
    }
    if (candidate.parts.empty()) return std::nullopt;
    return candidate;
}

// Those that another one is as large as, part by part; each file once.
std::vector<Candidate> candidatesOf(const std::vector<std::vector<std::filesystem::path>>& models) {
    std::map<std::vector<std::uint64_t>, std::vector<Candidate>> bySizes;
    std::set<std::vector<std::pair<std::uint64_t, std::uint64_t>>> seen;
    for (std::size_t model = 0; model < models.size(); ++model) {
        auto candidate = candidateOf(model, models[model]);
        if (!candidate) continue;
        std::vector<std::uint64_t> sizes;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> files;
        for (const FileIdentity& part : candidate->parts) {
            sizes.push_back(part.nBytes);
            files.emplace_back(part.disk, part.file);
        }
        if (seen.insert(files).second) bySizes[sizes].push_back(std::move(*candidate));
    }
    std::vector<Candidate> candidates;
    for (auto& [sizes, same] : bySizes)
        if (same.size() > 1) std::ranges::move(same, std::back_inserter(candidates));
    return candidates;
}

class Reading {
public:
    Reading(HashStore& known, JobContext& context) : m_known(known), m_context(context) {}

    // Of all that must be read.
    void expect(const Candidate& candidate) {
        for (const FileIdentity& part : candidate.parts)
            if (m_known.hashOf(part).empty()) m_nTotal += part.nBytes;
        tell();
    }
    // Empty where it cannot be read to its end as it was. Errors: Cancelled.
    Result<std::string> hashOf(const std::filesystem::path& file, const FileIdentity& identity) {
        if (m_context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
        if (std::string hash = m_known.hashOf(identity); !hash.empty()) return hash;
        auto hash = hashFile(file, [this](std::uint64_t nBytes) {
            m_nDone += nBytes;
            tell();
            return !m_context.isCancelled();
        });
        if (!hash && hash.error().code == ErrorCode::Cancelled) return fail(hash.error());
        if (!hash || identityOf(file) != identity) return std::string();
        m_known.add(identity, *hash);
        // Of what was read nothing is lost to a cancel; a cache that cannot be written costs time.
        static_cast<void>(m_known.save());
        return *hash;
    }

private:
    void tell() {
        m_context.setProgress(
            {.done = std::min(m_nDone, m_nTotal), .total = m_nTotal, .unit = JobUnit::Bytes});
    }

    HashStore& m_known;
    JobContext& m_context;
    std::uint64_t m_nTotal = 0;
    std::uint64_t m_nDone = 0;
};

}  // namespace

Result<std::vector<ModelTwins>> findTwins(
    const std::vector<std::vector<std::filesystem::path>>& models, HashStore& known,
    JobContext& context) {
    const std::vector<Candidate> candidates = candidatesOf(models);
    Reading reading(known, context);
    for (const Candidate& candidate : candidates) reading.expect(candidate);
    std::map<std::vector<std::string>, ModelTwins> byContent;
    for (const Candidate& candidate : candidates) {
        std::vector<std::string> hashes;
        for (std::size_t part = 0; part < candidate.parts.size(); ++part) {
            SOTTO_ASSIGN(std::string hash,
                         reading.hashOf(models[candidate.model][part], candidate.parts[part]));
            if (!hash.empty()) hashes.push_back(std::move(hash));
        }
        if (hashes.size() != candidate.parts.size()) continue;
        ModelTwins& twins = byContent[hashes];
        twins.nBytes = candidate.nBytes();
        twins.models.push_back(candidate.model);
    }
    std::vector<ModelTwins> found;
    for (auto& [hashes, twins] : byContent) {
        if (twins.models.size() < 2) continue;
        std::ranges::sort(twins.models);
        found.push_back(std::move(twins));
    }
    std::ranges::sort(found, [](const ModelTwins& one, const ModelTwins& other) {
        return std::pair(other.nBytes, one.models) < std::pair(one.nBytes, other.models);
    });
    return found;
}

}  // namespace sotto::app
