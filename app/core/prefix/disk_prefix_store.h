// DiskPrefixStore: the engine's prefix store (engine/api/prefix_store.h) in a file of its own
// (storage/api/prefix_file.h).
//
// Two threads: one opens the file, writes and forgets, behind everything else on the machine; one
// reads. What is there is known in memory, so that nobody waits for a disk but in key() and close.
// Nothing of it is an error for a person: a file that cannot be used (in use elsewhere, of a newer
// version, on a full disk) is none, and one that is damaged begins anew. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/result.h"
#include "engine/api/prefix_store.h"
#include "storage/api/prefix_file.h"

namespace sotto::app {

struct DiskPrefixOptions {
    std::filesystem::path path;
    // Of all its files; at most a tenth of the disk's free space and what it has of it.
    std::uint64_t maxBytes = 8'000'000'000;
    // Written, the journal counted, in an hour: it spares the drive.
    std::uint64_t maxBytesPerHour = 4'000'000'000;
    // Given to be written in a second beside answers, which it spares.
    double bytesPerSecond = 2e6;
    // The place is Sotto's own: what lies there and cannot be read is replaced. Otherwise only what
    // is a prefix cache.
    bool isOwnPlace = false;
    bool isOn = true;  // as setOn()
};

struct DiskPrefixFigures {
    std::uint64_t bytesOnDisk = 0;
    std::uint64_t maxBytes = 0;  // what it may have now
    std::uint64_t writtenToday = 0;
    std::uint64_t writtenInHour = 0;
    std::uint64_t maxPerHour = 0;
    std::optional<Error> problem;  // why there is none

    bool operator==(const DiskPrefixFigures& other) const {
        return bytesOnDisk == other.bytesOnDisk && maxBytes == other.maxBytes &&
               writtenToday == other.writtenToday && writtenInHour == other.writtenInHour &&
               maxPerHour == other.maxPerHour && problem.has_value() == other.problem.has_value();
    }
};

class DiskPrefixStore final : public PrefixStore {
public:
    explicit DiskPrefixStore(DiskPrefixOptions options);
    // What was given to write() is written.
    ~DiskPrefixStore() override;
    DiskPrefixStore(const DiskPrefixStore&) = delete;
    DiskPrefixStore& operator=(const DiskPrefixStore&) = delete;

    HashKey key() const override;  // waits until the file was opened
    std::size_t find(std::span<const ChainDigest> chain) const override;
    bool isKnown(const ChainDigest& chain) const override;
    double readRate() const override;
    Taking taking(std::size_t nBytes, Pace pace) const override;
    void write(std::uint64_t owner, PrefixBlock block) override;
    void own(std::uint64_t owner, std::span<const ChainDigest> chain) override;
    void read(std::vector<ChainDigest> chain, BlockMemory memory, BlockSink sink) override;

    // What no other owner needs goes, and nothing more is written for it.
    void forget(std::uint64_t owner);
    // The same, and what it says from now on may be written.
    void clear(std::uint64_t owner);
    // The same for every owner but these: what was forgotten while the file was not open.
    void forgetAllBut(std::vector<std::uint64_t> owners);
    void forgetAll();
    void setMaxBytes(std::uint64_t maxBytes);
    // Off: what is there is forgotten, and nothing is written.
    void setOn(bool isOn);

    // As of the last change; nothing before the file was opened.
    DiskPrefixFigures figures() const;
    // Gives what each owner needs of it, the last used first, on a thread of the store; nothing
    // where it cannot be told.
    void shares(std::function<void(std::vector<storage::PrefixShare>)> sink);
    // Waits until everything asked for before is done.
    void settle();

private:
    struct DigestHash {
        std::size_t operator()(const ChainDigest& digest) const;
    };
    using Digests = std::unordered_set<ChainDigest, DigestHash>;
    struct Write {
        std::uint64_t owner = 0;
        storage::PrefixRow row;
    };
    using Change = std::function<void()>;  // on the writer's thread
    using Task = std::variant<Write, Change>;
    struct Read {
        std::vector<ChainDigest> chain;
        BlockMemory memory;
        BlockSink sink;
    };
    using Clock = std::chrono::steady_clock;

    void runWriter();
    void runReader();
    void openFile();
    Status openOnce();
    void beginAnew();
    void removeFile();
    void carryOut(std::vector<Task> tasks);
    std::vector<Task> nextTasks();
    bool isForgotten(std::uint64_t owner) const;
    void addRows(std::uint64_t owner, std::vector<storage::PrefixRow> rows);
    void post(Task task);
    void note(const Result<storage::PrefixChanges>& changes);
    void noteFailure(const Error& error);
    void noteFigures();
    std::uint64_t quotaNow() const;
    std::vector<PrefixBlock> readNow(const std::vector<ChainDigest>& chain, BlockMemory memory);

    const DiskPrefixOptions m_options;

    // Of the writer's thread.
    std::unique_ptr<storage::PrefixFile> m_file;  // null: there is none
    std::optional<ErrorCode> m_lastFailure;       // each is told to the log once

    std::mutex m_readerMutex;  // held while it reads, and while the file goes
    std::unique_ptr<storage::PrefixReader> m_reader;  // guarded by m_readerMutex

    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    // Guarded by m_mutex.
    bool m_isOpened = false;  // or found to be of no use
    bool m_isOpen = false;
    bool m_isClosing = false;
    bool m_isOn = true;
    HashKey m_key{};
    Digests m_there, m_pending;
    std::deque<Task> m_tasks;
    bool m_isAtWork = false;  // on tasks that were taken
    std::deque<Read> m_reads;
    std::uint64_t m_nPendingBytes = 0;
    Clock::time_point m_nextTaking{};
    std::unordered_set<std::uint64_t> m_forgotten;
    std::uint64_t m_maxBytes = 0;
    DiskPrefixFigures m_figures;
    double m_readRate = 0;

    std::thread m_writerThread, m_readerThread;
};

}  // namespace sotto::app
