#include "app/core/hub/published_importance.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>
#include <utility>

#include "app/core/hub/hub_entries.h"
#include "app/core/shard_name.h"
#include "base/hub_cache.h"
#include "base/letter_case.h"

namespace sotto::app {
namespace {

// One page of a hub's answers.
constexpr int kModelsAsked = 50;
// A list of files for each: no more than a person would look through.
constexpr std::size_t kMostListed = 8;
// Of a mixture of 256 experts and 90 layers one has 1.5 GB; models that call themselves so have
// more.
constexpr std::uint64_t kMostMatrixBytes = std::uint64_t{4} << 30;

// "Qwen3 8B", "Qwen3-8B" and "qwen3_8b" are one name.
std::string plainName(std::string_view name) {
    std::string plain;
    for (const char letter : lowerCase(name))
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0) plain += letter;
    return plain;
}

std::string_view lastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool isNamedAlike(std::string_view repository, std::string_view model) {
    return plainName(lastPart(repository)) == plainName(lastPart(model));
}

// As repositories are called: without spaces.
std::string dashed(std::string_view name) {
    std::string text;
    for (const char letter : name) {
        const bool isSpace = std::isspace(static_cast<unsigned char>(letter)) != 0;
        if (!isSpace)
            text += letter;
        else if (!text.empty() && text.back() != '-')
            text += '-';
    }
    while (text.ends_with('-')) text.pop_back();
    return text;
}

// "Qwen/Qwen3-8B" of "https://huggingface.co/Qwen/Qwen3-8B"; empty: it is no address of a model.
std::string repositoryOf(std::string_view address) {
    constexpr std::string_view kScheme = "://";
    if (const std::size_t scheme = address.find(kScheme); scheme != address.npos) {
        address.remove_prefix(scheme + kScheme.size());
        const std::size_t host = address.find('/');
        if (host == address.npos) return {};
        address.remove_prefix(host + 1);
    }
    while (address.ends_with('/')) address.remove_suffix(1);
    const std::size_t slash = address.find('/');
    const bool isTwo = slash != address.npos && slash > 0 && slash + 1 < address.size() &&
                       address.find('/', slash + 1) == address.npos;
    return isTwo ? std::string(address) : std::string();
}

// A file's name without its type: "Qwen3-8B" of "Qwen3-8B-f16-00001-of-00002.gguf".
std::string nameOfFile(const std::filesystem::path& source) {
    std::error_code error;
    if (std::filesystem::is_directory(source, error)) return source.filename().string();
    std::string stem = parseShard(source.stem().string()).stem;
    const std::string type = typeOfName(source.filename().string());
    if (!type.empty() && stem.size() > type.size() + 1 &&
        lowerCase(stem).ends_with(lowerCase(type)))
        stem.resize(stem.size() - type.size() - 1);
    return stem;
}

std::string cutName(const ModelOrigin& origin) {
    std::string name = origin.basename;
    for (const std::string& part : {origin.sizeLabel, origin.finetune})
        if (!name.empty() && !part.empty()) name += "-" + part;
    return dashed(name);
}

// "Qwen3-8B" of "mradermacher/Qwen3-8B-i1-GGUF".
std::string_view withoutForm(std::string_view repository) {
    std::string_view name = lastPart(repository);
    for (const std::string_view form : {"-gguf", "-imatrix", "-i1"})
        if (lowerCase(name).ends_with(form)) name.remove_suffix(form.size());
    return name;
}

// A repository that may have one.
struct MatrixCandidate {
    net::HubModel model;
    bool isExact = false;  // its base is the very repository that was asked for

    // The best first.
    auto rank() const {
        return std::tuple(model.gate != net::HubGate::Open, !isExact, ~model.nDownloads);
    }
};

bool mayHaveOne(const net::HubModel& model) {
    return model.files.empty() || std::ranges::any_of(model.files, [](const std::string& path) {
               return isImportancePath(path);
           });
}

bool isOfModel(const net::HubModel& found, const std::string& model) {
    if (found.baseModels.empty()) return isNamedAlike(withoutForm(found.repository), model);
    return std::ranges::any_of(
        found.baseModels, [&model](const std::string& base) { return isNamedAlike(base, model); });
}

Result<std::vector<MatrixCandidate>> candidatesFor(const net::HubClient& client,
                                                   const std::string& model,
                                                   const std::stop_token& stop) {
    std::vector<net::HubQuery> queries;
    if (model.find('/') != model.npos)
        queries.push_back(
            {.filters = {"gguf", "base_model:quantized:" + model}, .limit = kModelsAsked});
    queries.push_back({.text = std::string(lastPart(model)), .limit = kModelsAsked});
    std::vector<MatrixCandidate> candidates;
    std::set<std::string> seen;
    for (const net::HubQuery& query : queries) {
        SOTTO_ASSIGN(net::HubPage page, client.search(query, stop));
        for (net::HubModel& found : page.models) {
            if (!isOfModel(found, model) || !mayHaveOne(found)) continue;
            if (!seen.insert(found.repository).second) continue;
            const bool isExact = std::ranges::any_of(
                found.baseModels,
                [&model](const std::string& base) { return lowerCase(base) == lowerCase(model); });
            candidates.push_back({std::move(found), isExact});
        }
    }
    std::ranges::stable_sort(candidates, {}, &MatrixCandidate::rank);
    return candidates;
}

// What is the repository's own affair; anything else concerns all of them.
bool isOfTheRepository(const Error& error) {
    return error.code == ErrorCode::NotOnHub || error.code == ErrorCode::AccessGated ||
           error.code == ErrorCode::InvalidArgument;
}

}  // namespace

std::string modelLookedFor(const ModelOrigin& origin, const std::filesystem::path& source) {
    std::error_code error;
    const std::string cached = cachedRepository(source);
    if (!cached.empty() && std::filesystem::is_directory(source, error)) return cached;
    std::vector<std::string> names;
    for (const std::string& name : {dashed(origin.name), cutName(origin), nameOfFile(source)})
        if (!plainName(name).empty()) names.push_back(name);
    for (const std::string& address : {origin.address, origin.baseAddress}) {
        const std::string repository = repositoryOf(address);
        if (!repository.empty() && std::ranges::any_of(names, [&](const std::string& name) {
                return isNamedAlike(repository, name);
            }))
            return repository;
    }
    return names.empty() ? std::string() : names.front();
}

Result<std::vector<PublishedImportance>> findPublishedImportance(const net::HubClient& client,
                                                                 const std::string& model,
                                                                 const std::stop_token& stop) {
    std::vector<PublishedImportance> found;
    if (plainName(lastPart(model)).empty()) return found;
    SOTTO_ASSIGN(const std::vector<MatrixCandidate> candidates, candidatesFor(client, model, stop));
    std::size_t nListed = 0;
    for (const auto& [candidate, isExact] : candidates) {
        if (nListed++ == kMostListed) break;
        auto files = client.files(candidate.repository, candidate.commit, stop);
        if (!files && isOfTheRepository(files.error())) continue;
        if (!files) return fail(std::move(files.error()));
        for (net::HubFile& file : *files)
            if (isImportancePath(file.path) && file.nBytes > 0 && file.nBytes <= kMostMatrixBytes)
                found.push_back({.repository = candidate.repository,
                                 .commit = candidate.commit,
                                 .file = std::move(file),
                                 .nDownloads = candidate.nDownloads,
                                 .isGated = candidate.gate != net::HubGate::Open});
    }
    return found;
}

}  // namespace sotto::app
