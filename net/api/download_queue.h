// DownloadQueue: files of a hub on their way to this disk; a few at once, in an order, whole or not
// at all.
//
// Place: behind the window's Downloads page and `sotto-cli pull`. Bytes go into `NAME.part` beside
// the target with their hash taken as they come; a file gets its name when it is synced and its
// hash is the hub's. One that is not becomes `NAME.damaged`. What is there is kept over pauses, a
// full disk, the end of the program and kill -9, and is read again before more is added.
// Owns: a worker per connection. Network, client, store and disk must outlive it.
// Threads: every method may be called from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/api/download_store.h"
#include "net/api/hub_client.h"
#include "net/api/network.h"

namespace sotto::net {

class DownloadDisk;

struct DownloadOptions {
    DownloadStore* store = nullptr;  // null: nothing survives
    DownloadDisk* disk = nullptr;    // null: the system's
    int nConnections = 3;
    std::uint64_t bytesPerSecond = 0;  // of all together; 0: no limit
    int nAttempts = 6;                 // in a row without a byte; then Interrupted
    // How much may have to come again after a kill.
    std::uint64_t checkpointBytes = std::uint64_t{64} << 20;
    // What a download leaves free for everybody else.
    std::uint64_t reservedBytes = std::uint64_t{64} << 20;
};

struct DownloadSpec {
    std::string repository;
    std::string revision;          // empty: the hub's default branch
    std::string path;              // in the repository
    std::filesystem::path folder;  // made when it is needed
    std::uint64_t nBytes = 0;  // as the list of files says; 0: not known before the hub is asked
};

struct DownloadInfo {
    DownloadRecord record;
    // At most record.nBytes; of a damaged one what lies aside, which remove() would free.
    std::uint64_t nReceivedBytes = 0;
    std::uint64_t nResumedBytes = 0;  // of these, what this run found on the disk and went on with
    double bytesPerSecond = 0;        // over the last seconds; 0 unless it runs
    double secondsLeft = 0;           // 0: not known
};

class DownloadQueue {
public:
    // Offers again what the store holds; what was running waits. Errors: the store's, OutOfMemory.
    static Result<std::unique_ptr<DownloadQueue>> create(Network& network, const HubClient& client,
                                                         DownloadOptions options);

    // Stops what runs and keeps it for the next time.
    ~DownloadQueue();
    DownloadQueue(const DownloadQueue&) = delete;
    DownloadQueue& operator=(const DownloadQueue&) = delete;

    // Errors: InvalidArgument (a bad name; the file is there already), Busy (it is in the queue;
    // its part lies there and is of no download in the queue), the store's.
    Result<DownloadId> add(const DownloadSpec& spec);

    void pause(DownloadId id);
    // Paused, Interrupted; Damaged begins anew, and what lies aside goes.
    void resume(DownloadId id);
    // Takes it out of the list. Of one that is not whole the part or what lies aside goes, too.
    void remove(DownloadId id);
    // -1: one earlier in the list, 1: one later. Several, in the list's order, keep it, and the
    // store gets all that changed at once.
    void move(std::span<const DownloadId> ids, int offset);
    void setBytesPerSecond(std::uint64_t limit);
    std::uint64_t bytesPerSecond() const;

    std::vector<DownloadInfo> list() const;
    // Told after each change but progress, on any thread; must be short and must not call the
    // queue. Once this returns, the one before is not called any more.
    void setListener(std::function<void()> listener);
    // Waits until nothing waits or runs.
    void waitUntilIdle() const;

private:
    struct State;
    explicit DownloadQueue(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

}  // namespace sotto::net
