#include "net/api/download_queue.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "base/guarded.h"
#include "base/log.h"
#include "base/rate_meter.h"
#include "net/download/download_disk.h"
#include "net/download/download_run.h"
#include "net/download/file_path.h"
#include "net/download/rate_limit.h"
#include "net/hub/repository_name.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

using Records = std::vector<DownloadRecord>;

constexpr std::chrono::seconds kRateWindow{5};

// Saved as it would go on after a kill.
DownloadRecord asKept(DownloadRecord record) {
    if (record.state == DownloadState::Running || record.state == DownloadState::Checking)
        record.state = DownloadState::Waiting;
    return record;
}

// What is there of one that nobody is fetching.
std::uint64_t bytesOnDisk(const DownloadRecord& record) {
    if (record.state != DownloadState::Damaged) return record.nKeptBytes;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(damagedOf(record.target), error);
    return error ? 0 : std::min<std::uint64_t>(size, record.nBytes);
}

}  // namespace

struct DownloadQueue::State {
    // What a running download becomes when it is stopped.
    enum class Wish : std::uint8_t { None, Pause, Wait, Remove };

    struct Entry {
        DownloadRecord record;
        std::uint64_t nReceivedBytes = 0;
        std::uint64_t nResumedBytes = 0;
        RateMeter rate{kRateWindow};
        bool isRunning = false;  // a worker has it
        Wish wish = Wish::None;
        std::stop_source stop;

        bool isUnderWay() const { return isRunning || record.state == DownloadState::Waiting; }
    };

    State(Network& network, const HubClient& hub, DownloadOptions wanted)
        : clock(network.clock()),
          client(hub),
          options(wanted),
          disk(wanted.disk != nullptr ? *wanted.disk : systemDisk),
          rate(network.clock(), wanted.bytesPerSecond) {}

    SystemDisk systemDisk;
    Clock& clock;
    const HubClient& client;
    const DownloadOptions options;
    DownloadDisk& disk;
    RateLimit rate;
    std::mutex listenerMutex;  // held while it is told: afterwards nobody is in the old one
    std::function<void()> listener;
    // Before `mutex`, and held over each change of a record until it is saved: the store sees the
    // changes in their order, and list() waits for no disk.
    std::mutex storeMutex;
    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    // Guarded by `mutex`.
    std::list<Entry> entries;  // in order; a worker keeps a reference to its own
    DownloadId lastId = 0;
    bool isClosing = false;
    std::vector<std::thread> workers;

    void work();
    void runOne(Entry& entry);
    void settle(Entry& entry, DownloadRecord record);
    Entry* nextWaiting();
    std::list<Entry>::iterator find(DownloadId id);
    void moveOne(DownloadId id, int offset);  // `mutex` is held
    // What lies aside of one that is damaged: of no use to anybody but its user.
    void removeDamaged(DownloadId id);
    // Out of the store and, unless it is whole, the disk; storeMutex is held, and the list does not
    // have it any more.
    void erase(const DownloadRecord& record);
    // `edit` runs under both mutexes; the records that it returns are saved.
    void change(const std::function<Records()>& edit);
    Status save(const DownloadRecord& record);  // storeMutex is held
    void tell();
};

Result<std::unique_ptr<DownloadQueue>> DownloadQueue::create(Network& network,
                                                             const HubClient& client,
                                                             DownloadOptions options) {
    auto state = std::make_unique<State>(network, client, options);
    if (options.store != nullptr) {
        SOTTO_ASSIGN(std::vector<DownloadRecord> records, options.store->load());
        std::stable_sort(records.begin(), records.end(), [](const auto& left, const auto& right) {
            return left.position < right.position;
        });
        for (DownloadRecord& record : records) {
            State::Entry entry{.record = asKept(std::move(record))};
            entry.nReceivedBytes = bytesOnDisk(entry.record);
            state->lastId = std::max(state->lastId, entry.record.id);
            state->entries.push_back(std::move(entry));
        }
    }
    State* const raw = state.get();
    std::unique_ptr<DownloadQueue> queue(new DownloadQueue(std::move(state)));
    try {
        for (int index = 0; index < std::max(options.nConnections, 1); ++index)
            raw->workers.emplace_back([raw] { raw->work(); });
    } catch (const std::system_error&) {
        return fail(ErrorCode::OutOfMemory,
                    "The system gives no thread for downloads: close other programs.");
    }
    return queue;
}

DownloadQueue::DownloadQueue(std::unique_ptr<State> state) : m_state(std::move(state)) {}

DownloadQueue::~DownloadQueue() {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->isClosing = true;
        for (State::Entry& entry : m_state->entries) {
            if (!entry.isRunning) continue;
            entry.stop.request_stop();
        }
        m_state->changed.notify_all();
    }
    for (std::thread& worker : m_state->workers) worker.join();
}

Result<DownloadId> DownloadQueue::add(const DownloadSpec& spec) {
    SOTTO_TRY(checkRepository(spec.repository));
    const HubOptions hub = m_state->client.options();
    DownloadRecord record{.endpoint = hub.endpoint,
                          .repository = spec.repository,
                          .revision = spec.revision.empty() ? hub.defaultRevision : spec.revision,
                          .path = spec.path,
                          .nBytes = spec.nBytes};
    SOTTO_TRY(checkRevision(record.revision));
    SOTTO_ASSIGN(record.target, targetIn(spec.folder, spec.path));
    std::error_code error;
    if (std::filesystem::exists(record.target, error)) return fail(takenError(record.target));
    const std::filesystem::path part = partOf(record.target);
    const std::uintmax_t nInPart = std::filesystem::file_size(part, error);
    const bool hasPart = !error && nInPart > 0;
    {
        const std::lock_guard store(m_state->storeMutex);
        {
            const std::lock_guard lock(m_state->mutex);
            for (const State::Entry& entry : m_state->entries)
                if (entry.record.target == record.target)
                    return fail(
                        ErrorCode::Busy,
                        "'" + record.target.string() + "' is in the list of downloads already.",
                        record.target.string());
            // Of none in the list: see hasOwnPart().
            if (hasPart) return fail(strangePartError(part, nInPart));
            record.id = ++m_state->lastId;
            if (!m_state->entries.empty())
                record.position = m_state->entries.back().record.position + 1;
        }
        SOTTO_TRY(m_state->save(record));
        const std::lock_guard lock(m_state->mutex);
        m_state->entries.push_back(State::Entry{.record = record});
        m_state->changed.notify_all();
    }
    m_state->tell();
    return record.id;
}

void DownloadQueue::pause(DownloadId id) {
    m_state->change([&]() -> Records {
        const auto entry = m_state->find(id);
        if (entry == m_state->entries.end() || !entry->isUnderWay()) return {};
        if (entry->isRunning) {
            if (entry->wish != State::Wish::Remove) entry->wish = State::Wish::Pause;
            entry->stop.request_stop();
            return {};
        }
        entry->record.state = DownloadState::Paused;
        return {entry->record};
    });
}

void DownloadQueue::resume(DownloadId id) {
    m_state->removeDamaged(id);
    m_state->change([&]() -> Records {
        const auto entry = m_state->find(id);
        if (entry == m_state->entries.end()) return {};
        if (entry->isRunning) {
            // It has not stopped yet: it goes on when it has.
            if (entry->wish == State::Wish::Pause) entry->wish = State::Wish::Wait;
            return {};
        }
        const DownloadState state = entry->record.state;
        if (state == DownloadState::Waiting || state == DownloadState::Verified) return {};
        if (state == DownloadState::Damaged) entry->nReceivedBytes = 0;
        entry->record.state = DownloadState::Waiting;
        entry->record.problem = {};
        return {entry->record};
    });
}

void DownloadQueue::remove(DownloadId id) {
    {
        const std::lock_guard store(m_state->storeMutex);
        std::optional<DownloadRecord> gone;
        {
            const std::lock_guard lock(m_state->mutex);
            const auto entry = m_state->find(id);
            if (entry == m_state->entries.end()) return;
            if (entry->isRunning) {
                entry->wish = State::Wish::Remove;
                entry->stop.request_stop();
            } else {
                gone = std::move(entry->record);
                m_state->entries.erase(entry);
            }
            m_state->changed.notify_all();
        }
        if (gone) m_state->erase(*gone);
    }
    m_state->tell();
}

void DownloadQueue::move(std::span<const DownloadId> ids, int offset) {
    m_state->change([&]() -> Records {
        // The one first that leads the way: the others find their order behind it.
        for (std::size_t at = 0; at < ids.size(); ++at)
            m_state->moveOne(ids[offset < 0 ? at : ids.size() - 1 - at], offset);
        Records records;
        std::int64_t position = 0;
        for (State::Entry& other : m_state->entries) {
            if (other.record.position == ++position) continue;
            other.record.position = position;
            records.push_back(other.record);
        }
        return records;
    });
}

void DownloadQueue::setBytesPerSecond(std::uint64_t limit) { m_state->rate.set(limit); }
std::uint64_t DownloadQueue::bytesPerSecond() const { return m_state->rate.bytesPerSecond(); }

std::vector<DownloadInfo> DownloadQueue::list() const {
    const std::lock_guard lock(m_state->mutex);
    const Clock::Time now = m_state->clock.now();
    std::vector<DownloadInfo> list;
    for (const State::Entry& entry : m_state->entries) {
        DownloadInfo info{.record = entry.record,
                          .nReceivedBytes = entry.nReceivedBytes,
                          .nResumedBytes = entry.nResumedBytes};
        if (entry.record.state == DownloadState::Running)
            info.bytesPerSecond = entry.rate.perSecond(now).value_or(0);
        if (info.bytesPerSecond > 0 && entry.record.nBytes > entry.nReceivedBytes)
            info.secondsLeft = static_cast<double>(entry.record.nBytes - entry.nReceivedBytes) /
                               info.bytesPerSecond;
        list.push_back(std::move(info));
    }
    return list;
}

void DownloadQueue::setListener(std::function<void()> listener) {
    const std::lock_guard lock(m_state->listenerMutex);
    m_state->listener = std::move(listener);
}

void DownloadQueue::waitUntilIdle() const {
    std::unique_lock lock(m_state->mutex);
    m_state->changed.wait(lock, [this] {
        return std::none_of(m_state->entries.begin(), m_state->entries.end(),
                            [](const State::Entry& entry) { return entry.isUnderWay(); });
    });
}

void DownloadQueue::State::work() {
    std::unique_lock lock(mutex);
    while (true) {
        changed.wait(lock, [this] { return isClosing || nextWaiting() != nullptr; });
        if (isClosing) return;
        Entry* const entry = nextWaiting();
        entry->isRunning = true;
        entry->wish = Wish::None;
        entry->stop = std::stop_source();
        lock.unlock();
        runOne(*entry);
        lock.lock();
        changed.notify_all();
    }
}

void DownloadQueue::State::runOne(Entry& entry) {
    DownloadRecord record;
    std::stop_token stop;
    {
        const std::lock_guard lock(mutex);
        record = entry.record;
        stop = entry.stop.get_token();
    }
    const auto keep = [this, &entry](const DownloadRecord& changedRecord) -> Status {
        DownloadRecord kept = changedRecord;
        bool hasNewState = false;
        {
            const std::lock_guard store(storeMutex);
            {
                const std::lock_guard lock(mutex);
                // Its place may have changed meanwhile.
                kept.position = entry.record.position;
                hasNewState = entry.record.state != kept.state;
                entry.record = kept;
            }
            SOTTO_TRY(save(asKept(kept)));
        }
        if (hasNewState) tell();
        return {};
    };
    const auto progress = [this, &entry](std::uint64_t nBytes) {
        const std::lock_guard lock(mutex);
        entry.nReceivedBytes = nBytes;
        entry.rate.note(clock.now(), nBytes);
    };
    const auto resumed = [this, &entry](std::uint64_t nBytes) {
        const std::lock_guard lock(mutex);
        entry.nResumedBytes = nBytes;
    };
    DownloadRecord done = record;
    const Status status = guarded([&]() -> Status {
        // Of its own hub, whichever is the client's by now.
        SOTTO_ASSIGN(const std::unique_ptr<HubClient> own, client.at(record.endpoint));
        done = DownloadRun(record, {.client = *own,
                                    .disk = disk,
                                    .rate = rate,
                                    .options = options,
                                    .save = keep,
                                    .progress = progress,
                                    .resumed = resumed})
                   .run(stop);
        return {};
    });
    if (!status) {
        done.state = DownloadState::Interrupted;
        done.problem = status.error();
    }
    settle(entry, std::move(done));
    tell();
}

void DownloadQueue::State::settle(Entry& entry, DownloadRecord record) {
    const std::lock_guard store(storeMutex);
    std::unique_lock lock(mutex);
    if (entry.wish == Wish::Remove) {
        entries.erase(find(record.id));
        lock.unlock();
        erase(record);
        return;
    }
    record.position = entry.record.position;
    // Stopped on somebody's wish; one that ended by itself before that is what it is.
    if (record.state == DownloadState::Running)
        record.state = entry.wish == Wish::Pause ? DownloadState::Paused : DownloadState::Waiting;
    entry.record = record;
    entry.rate.reset();
    lock.unlock();
    if (const Status saved = save(record); !saved)
        logMessage(LogLevel::Warning, "a download is not kept: " + saved.error().message);
    lock.lock();
    // Whoever finds it at rest finds it so in the store, too.
    entry.isRunning = false;
}

DownloadQueue::State::Entry* DownloadQueue::State::nextWaiting() {
    for (Entry& entry : entries)
        if (!entry.isRunning && entry.record.state == DownloadState::Waiting) return &entry;
    return nullptr;
}

std::list<DownloadQueue::State::Entry>::iterator DownloadQueue::State::find(DownloadId id) {
    return std::find_if(entries.begin(), entries.end(),
                        [id](const Entry& entry) { return entry.record.id == id; });
}

void DownloadQueue::State::moveOne(DownloadId id, int offset) {
    const auto entry = find(id);
    if (entry == entries.end()) return;
    auto place = entry;
    for (; offset < 0 && place != entries.begin(); ++offset) --place;
    // What is put before the one behind the next has gone one later.
    if (offset > 0) ++place;
    for (; offset > 0 && place != entries.end(); --offset) ++place;
    entries.splice(place, entries, entry);
}

void DownloadQueue::State::removeDamaged(DownloadId id) {
    std::filesystem::path damaged;
    {
        const std::lock_guard lock(mutex);
        const auto entry = find(id);
        if (entry == entries.end() || entry->isRunning ||
            entry->record.state != DownloadState::Damaged)
            return;
        damaged = damagedOf(entry->record.target);
    }
    std::error_code error;
    std::filesystem::remove(damaged, error);
}

void DownloadQueue::State::erase(const DownloadRecord& record) {
    std::error_code error;
    if (record.state == DownloadState::Damaged)
        std::filesystem::remove(damagedOf(record.target), error);
    else if (record.state != DownloadState::Verified && hasOwnPart(record))
        std::filesystem::remove(partOf(record.target), error);
    if (options.store == nullptr) return;
    if (const Status removed = options.store->remove(record.id); !removed)
        logMessage(LogLevel::Warning, "a download stays kept: " + removed.error().message);
}

void DownloadQueue::State::change(const std::function<Records()>& edit) {
    {
        const std::lock_guard store(storeMutex);
        Records records;
        {
            const std::lock_guard lock(mutex);
            records = edit();
            changed.notify_all();
        }
        for (DownloadRecord& record : records) record = asKept(std::move(record));
        const Status saved = options.store != nullptr && !records.empty()
                                 ? options.store->saveAll(records)
                                 : Status();
        if (!saved)
            logMessage(LogLevel::Warning, "a download is not kept: " + saved.error().message);
    }
    tell();
}

Status DownloadQueue::State::save(const DownloadRecord& record) {
    return options.store != nullptr ? options.store->save(record) : Status();
}

void DownloadQueue::State::tell() {
    const std::lock_guard lock(listenerMutex);
    if (listener) listener();
}

}  // namespace sotto::net
