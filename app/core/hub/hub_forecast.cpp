#include "app/core/hub/hub_forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "engine/api/inspect.h"

namespace sotto::app {
namespace {

// A vocabulary of 128,000 pieces with its merges takes 8 MB, and nothing tells so before; parts
// behind the first hold their tensors' names alone.
constexpr std::uint64_t kFirstBytes = 1 << 20, kFurtherPartBytes = 128 << 10;
// Of all parts together: twice what the largest known vocabularies (262,144 pieces and their
// merges) take.
constexpr std::uint64_t kMostHeaderBytes = 40 << 20;
// Twenty times as many as the largest models come in.
constexpr std::size_t kMostParts = 1000;

tl::unexpected<Error> notUsable(const std::string& file, const std::string& why) {
    return fail(ErrorCode::FileDamaged,
                fmt::format("{} is no model that can be used: {}. Choose another file.", file, why),
                file);
}

// Grows until the header is whole, or no more bytes would make it so: whether it is good is the
// plan's to say. `mostBytes`: what is left of kMostHeaderBytes, which all parts share.
Result<std::vector<std::byte>> readHeader(const net::HubClient& client,
                                          const net::ResolvedFile& file, std::uint64_t firstBytes,
                                          std::uint64_t mostBytes, const std::stop_token& stop) {
    std::vector<std::byte> header;
    std::uint64_t wanted = std::min({firstBytes, mostBytes, file.nBytes});
    while (true) {
        SOTTO_ASSIGN(const std::vector<std::byte> more,
                     client.range(file, header.size(), wanted - header.size(), stop));
        header.insert(header.end(), more.begin(), more.end());
        if (header.size() < wanted)
            return fail(ErrorCode::HubFailed,
                        fmt::format("The hub sent {} of the {} bytes of {} that were asked for: "
                                    "try again.",
                                    header.size(), wanted, file.path),
                        file.path);
        const std::uint64_t needed = wantedHeaderBytes(header);
        if (needed <= header.size()) return header;
        if (needed > file.nBytes) return notUsable(file.path, "its header goes on behind its end");
        if (needed > mostBytes)
            return notUsable(
                file.path, fmt::format("its header has more than {} MiB", kMostHeaderBytes >> 20));
        // At least twice as much: what is needed is only known piece by piece.
        const std::uint64_t most = std::min(mostBytes, file.nBytes);
        wanted = std::min(most, std::max<std::uint64_t>(needed, 2 * header.size()));
    }
}

}  // namespace

Result<HubHeaders> readHeaders(const net::HubClient& client, const std::string& repository,
                               const std::string& revision, const HubEntry& entry,
                               const std::stop_token& stop) {
    if (entry.parts.empty() || !entry.isWhole()) return fail(missingParts(repository, entry));
    if (entry.parts.size() > kMostParts)
        return notUsable(entry.name, fmt::format("it has more than {} parts", kMostParts));
    HubHeaders headers;
    headers.name = entry.name;
    headers.commit = revision;
    std::uint64_t nLeft = kMostHeaderBytes;
    for (const net::HubFile& part : entry.parts) {
        SOTTO_ASSIGN(const net::ResolvedFile file,
                     client.resolve(repository, headers.commit, part.path, stop));
        if (!file.commit.empty()) headers.commit = file.commit;
        headers.nBytes += file.nBytes;
        SOTTO_ASSIGN(
            auto header,
            readHeader(client, file, headers.parts.empty() ? kFirstBytes : kFurtherPartBytes, nLeft,
                       stop));
        nLeft -= header.size();
        headers.parts.push_back(std::move(header));
    }
    return headers;
}

Result<ModelForecast> forecastHeaders(const HubHeaders& headers, const ForecastSetting& setting) {
    const std::vector<std::span<const std::byte>> parts(headers.parts.begin(), headers.parts.end());
    SOTTO_ASSIGN(PlannedModel plan,
                 planHeaders(parts, headers.name, setting.load, setting.space()));
    // The header knows the tensors' sum alone, and may lie about it.
    if (plan.info.fileBytes > headers.nBytes)
        return notUsable(headers.name, fmt::format("its tensors take {} bytes, and it has {}",
                                                   plan.info.fileBytes, headers.nBytes));
    plan.info.fileBytes = headers.nBytes;
    return forecastOf(std::move(plan), setting);
}

Result<ModelForecast> forecastEntry(const net::HubClient& client, const std::string& repository,
                                    const std::string& revision, const HubEntry& entry,
                                    const ForecastSetting& setting, const std::stop_token& stop) {
    SOTTO_ASSIGN(const HubHeaders headers, readHeaders(client, repository, revision, entry, stop));
    return forecastHeaders(headers, setting);
}

}  // namespace sotto::app
