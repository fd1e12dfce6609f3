#include "app/core/hub/entry_download.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <vector>

namespace sotto::app {
namespace {

// What a download leaves to everybody else (DownloadOptions).
constexpr std::uint64_t kLeftBytes = net::DownloadOptions().reservedBytes;

double gigabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e9; }

Error roomError(const std::string& name, std::uint64_t needed, std::uint64_t available) {
    return {.code = ErrorCode::DiskFull,
            .message = fmt::format(
                "{:.2f} GB are missing on the disk: {:.2f} GB needed, {:.2f} GB free. Free some "
                "space, or choose a smaller format.",
                gigabytes(needed - available), gigabytes(needed), gigabytes(available)),
            .context = name,
            .needed = needed,
            .available = available};
}

std::uint64_t bytesLeft(const net::DownloadInfo& info) {
    if (info.record.state == net::DownloadState::Verified) return 0;
    return info.record.nBytes - std::min(info.nReceivedBytes, info.record.nBytes);
}

// What stands between an entry and being whole on this disk.
struct MissingParts {
    std::vector<net::HubFile> toAdd;
    std::vector<net::DownloadId> toResume;
    std::vector<net::DownloadId> toForget;  // whole once, and not there any more
    std::uint64_t nBytes = 0;
    std::uint64_t nOtherBytes = 0;  // of other downloads
};

bool isPartThere(const net::HubFile& file, const std::filesystem::path& folder) {
    std::error_code error;
    return std::filesystem::file_size(folder / std::filesystem::path(file.path), error) ==
               file.nBytes &&
           !error;
}

MissingParts missingOf(const std::vector<net::DownloadInfo>& list, const EntryDownload& wanted,
                       const std::filesystem::path& folder) {
    MissingParts missing;
    std::set<net::DownloadId> own;
    for (const net::HubFile& file : wanted.entry.parts) {
        const auto target = folder / std::filesystem::path(file.path);
        const auto queued = std::ranges::find_if(
            list, [&](const net::DownloadInfo& info) { return info.record.target == target; });
        const bool isHere = isPartThere(file, folder);
        const bool isQueued = queued != list.end();
        if (isQueued) own.insert(queued->record.id);
        if (isQueued && queued->record.state != net::DownloadState::Verified) {
            missing.toResume.push_back(queued->record.id);
            missing.nBytes += file.nBytes - std::min(queued->nReceivedBytes, file.nBytes);
        } else if (!isHere) {
            if (isQueued) missing.toForget.push_back(queued->record.id);
            missing.toAdd.push_back(file);
            missing.nBytes += file.nBytes;
        }
    }
    for (const net::DownloadInfo& info : list)
        if (!own.contains(info.record.id)) missing.nOtherBytes += bytesLeft(info);
    return missing;
}

}  // namespace

std::filesystem::path entryFolder(const std::filesystem::path& folder,
                                  const std::string& repository) {
    return folder / std::filesystem::path(repository);
}

bool isEntryThere(const HubEntry& entry, const std::filesystem::path& folder) {
    return entry.isWhole() && std::ranges::all_of(entry.parts, [&folder](const auto& file) {
               return isPartThere(file, folder);
           });
}

Status beginDownload(net::DownloadQueue& queue, const EntryDownload& wanted,
                     std::uint64_t freeBytes) {
    if (!wanted.entry.isWhole()) return fail(missingParts(wanted.repository, wanted.entry));
    const auto folder = entryFolder(wanted.folder, wanted.repository);
    const MissingParts missing = missingOf(queue.list(), wanted, folder);
    const std::uint64_t taken = missing.nOtherBytes + kLeftBytes;
    const std::uint64_t available = freeBytes - std::min(taken, freeBytes);
    if (missing.nBytes > available)
        return fail(roomError(wanted.entry.name, missing.nBytes, available));
    for (const net::DownloadId id : missing.toForget) queue.remove(id);
    std::vector<net::DownloadId> added;
    for (const net::HubFile& file : missing.toAdd) {
        const auto id = queue.add({.repository = wanted.repository,
                                   .revision = wanted.commit,
                                   .path = file.path,
                                   .folder = folder,
                                   .nBytes = file.nBytes});
        if (!id) {
            for (const net::DownloadId other : added) queue.remove(other);
            return fail(id.error());
        }
        added.push_back(*id);
    }
    for (const net::DownloadId id : missing.toResume) queue.resume(id);
    return {};
}

}  // namespace sotto::app
