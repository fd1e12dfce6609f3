// Putting a model of a hub on its way to this disk: all its parts of one commit, and only when
// there is room for them.
//
// Waits for the disk that downloads are kept on; not for the GUI thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "app/core/hub/hub_entries.h"
#include "base/result.h"
#include "net/api/download_queue.h"

namespace sotto::app {

struct EntryDownload {
    std::string repository;
    std::string commit;  // that the entry was listed at; empty: the hub's default branch
    HubEntry entry;
    std::filesystem::path folder;  // a folder per repository is made in it
};

// Where a file of a repository lies below the folder for downloads.
std::filesystem::path entryFolder(const std::filesystem::path& folder,
                                  const std::string& repository);

// It is whole on the hub, and all its parts lie under entryFolder() `folder` in their sizes.
bool isEntryThere(const HubEntry& entry, const std::filesystem::path& folder);

// Queues the parts that are not here yet; those that stand in the queue already go on, and one that
// was whole and is gone comes anew. `freeBytes`:
// what the disk has now; what is on its way is taken off it. Nothing begins on an error: DiskFull
// (`needed` by this model, `available` to it), InvalidArgument (no file may be made of its name),
// NotFound (the hub lacks parts of it), the store's.
Status beginDownload(net::DownloadQueue& queue, const EntryDownload& wanted,
                     std::uint64_t freeBytes);

}  // namespace sotto::app
