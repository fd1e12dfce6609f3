#include "app/core/prefix/disk_prefix_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/guarded.h"
#include "base/log.h"
#include "base/thread_priority.h"

namespace sotto::app {
namespace {

// Given to be written and not written yet: so much memory, and so much is written when it closes.
constexpr std::uint64_t kMaxPendingBytes = std::uint64_t{16} << 20;
// Rows of one transaction.
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
// Of tables and indices that a transaction writes beside its rows.
constexpr std::uint64_t kBesideBytes = std::uint64_t{1} << 20;
constexpr std::int64_t kHourSeconds = 3600;
constexpr std::uint64_t kShareOfFree = 10;

std::int64_t localMidnight() {
    const std::time_t now = std::time(nullptr);
    const std::tm* parts = std::localtime(&now);
    return now - (parts == nullptr ? 0 : parts->tm_hour * kHourSeconds + parts->tm_min * 60);
}

}  // namespace

std::size_t DiskPrefixStore::DigestHash::operator()(const ChainDigest& digest) const {
    std::size_t bits;  // digests are keyed: their bits are as good as a hash's
    std::memcpy(&bits, digest.data(), sizeof(bits));
    return bits;
}

DiskPrefixStore::DiskPrefixStore(DiskPrefixOptions options)
    : m_options(std::move(options)), m_isOn(m_options.isOn), m_maxBytes(m_options.maxBytes) {
    m_figures.maxPerHour = m_options.maxBytesPerHour;
    m_writerThread = std::thread([this] { runWriter(); });
    m_readerThread = std::thread([this] { runReader(); });
}

DiskPrefixStore::~DiskPrefixStore() {
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        m_reads.clear();
        m_changed.notify_all();
    }
    m_readerThread.join();
    m_writerThread.join();
}

HashKey DiskPrefixStore::key() const {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_isOpened; });
    return m_key;
}

std::size_t DiskPrefixStore::find(std::span<const ChainDigest> chain) const {
    const std::lock_guard lock(m_mutex);
    const auto missing =
        std::ranges::find_if(chain, [this](const auto& one) { return !m_there.contains(one); });
    return static_cast<std::size_t>(missing - chain.begin());
}

bool DiskPrefixStore::isKnown(const ChainDigest& chain) const {
    const std::lock_guard lock(m_mutex);
    return m_there.contains(chain) || m_pending.contains(chain);
}

double DiskPrefixStore::readRate() const {
    const std::lock_guard lock(m_mutex);
    return m_readRate;
}

PrefixStore::Taking DiskPrefixStore::taking(std::size_t nBytes, Pace pace) const {
    const std::lock_guard lock(m_mutex);
    // The journal is counted: everything is written twice.
    if (!m_isOpen || m_isClosing ||
        m_figures.writtenInHour + 2 * (m_nPendingBytes + nBytes) + kBesideBytes >
            m_options.maxBytesPerHour)
        return Taking::Not;
    const bool isFull = m_nPendingBytes > 0 && m_nPendingBytes + nBytes > kMaxPendingBytes;
    const bool isTooSoon = pace == Pace::Beside && Clock::now() < m_nextTaking;
    return isFull || isTooSoon ? Taking::Later : Taking::Now;
}

void DiskPrefixStore::write(std::uint64_t owner, PrefixBlock block) {
    const std::lock_guard lock(m_mutex);
    if (m_forgotten.contains(owner)) return;
    const std::size_t nBytes = block.bytes.size();
    m_nPendingBytes += nBytes;
    m_pending.insert(block.chain);
    const auto now = Clock::now();
    m_nextTaking = std::max(m_nextTaking, now) +
                   std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                       static_cast<double>(nBytes) / m_options.bytesPerSecond));
    m_tasks.push_back(Write{owner,
                            {.chain = block.chain,
                             .parent = block.parent,
                             .tokens = std::move(block.tokens),
                             .bytes = std::move(block.bytes)}});
    m_changed.notify_all();
}

void DiskPrefixStore::own(std::uint64_t owner, std::span<const ChainDigest> chain) {
    post(Change([this, owner, used = std::vector(chain.begin(), chain.end())] {
        if (!m_file || isForgotten(owner)) return;
        if (const Status noted = m_file->use(owner, used); !noted) noteFailure(noted.error());
    }));
}

void DiskPrefixStore::read(std::vector<ChainDigest> chain, BlockMemory memory, BlockSink sink) {
    const std::lock_guard lock(m_mutex);
    if (m_isClosing) return;
    m_reads.push_back({std::move(chain), std::move(memory), std::move(sink)});
    m_changed.notify_all();
}

void DiskPrefixStore::post(Task task) {
    const std::lock_guard lock(m_mutex);
    m_tasks.push_back(std::move(task));
    m_changed.notify_all();
}

void DiskPrefixStore::forget(std::uint64_t owner) {
    {
        const std::lock_guard lock(m_mutex);
        m_forgotten.insert(owner);
    }
    clear(owner);
}

void DiskPrefixStore::clear(std::uint64_t owner) {
    post(Change([this, owner] {
        if (m_file) note(m_file->forget(owner));
    }));
}

void DiskPrefixStore::forgetAllBut(std::vector<std::uint64_t> owners) {
    post(Change([this, owners = std::move(owners)] {
        if (!m_file) return;
        const auto there = m_file->owners();
        if (!there) return noteFailure(there.error());
        for (const std::uint64_t owner : *there)
            if (m_file && std::ranges::find(owners, owner) == owners.end())
                note(m_file->forget(owner));
    }));
}

void DiskPrefixStore::forgetAll() {
    post(Change([this] {
        if (m_file) beginAnew();
    }));
}

void DiskPrefixStore::setMaxBytes(std::uint64_t maxBytes) {
    {
        const std::lock_guard lock(m_mutex);
        m_maxBytes = maxBytes;
    }
    post(Change([this] {
        if (m_file) note(m_file->shrink(quotaNow()));
    }));
}

void DiskPrefixStore::setOn(bool isOn) {
    post(Change([this, isOn] {
        {
            const std::lock_guard lock(m_mutex);
            if (std::exchange(m_isOn, isOn) == isOn) return;
        }
        isOn ? openFile() : removeFile();
    }));
}

DiskPrefixFigures DiskPrefixStore::figures() const {
    const std::lock_guard lock(m_mutex);
    return m_figures;
}

void DiskPrefixStore::shares(std::function<void(std::vector<storage::PrefixShare>)> sink) {
    post(Change([this, sink = std::move(sink)] {
        sink(m_file ? m_file->shares().value_or(std::vector<storage::PrefixShare>())
                    : std::vector<storage::PrefixShare>());
    }));
}

void DiskPrefixStore::settle() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_isOpened && m_tasks.empty() && !m_isAtWork; });
}

void DiskPrefixStore::runWriter() {
    runInBackground();
    openFile();
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_isClosing || !m_tasks.empty(); });
        if (m_tasks.empty()) break;
        std::vector<Task> tasks = nextTasks();
        m_isAtWork = true;
        lock.unlock();
        carryOut(std::move(tasks));
        lock.lock();
        m_isAtWork = false;
        m_changed.notify_all();
    }
    lock.unlock();
    m_file.reset();
}

bool DiskPrefixStore::isForgotten(std::uint64_t owner) const {
    const std::lock_guard lock(m_mutex);
    return m_forgotten.contains(owner);
}

// One thing to do, or the rows of one transaction. m_mutex is held.
std::vector<DiskPrefixStore::Task> DiskPrefixStore::nextTasks() {
    std::vector<Task> tasks;
    std::size_t nBytes = 0;
    while (!m_tasks.empty()) {
        const Write* const write = std::get_if<Write>(&m_tasks.front());
        const Write* const first = tasks.empty() ? nullptr : std::get_if<Write>(&tasks.front());
        if (!tasks.empty() &&
            (write == nullptr || first == nullptr || write->owner != first->owner ||
             nBytes + write->row.bytes.size() > kBatchBytes))
            break;
        if (write != nullptr) nBytes += write->row.bytes.size();
        tasks.push_back(std::move(m_tasks.front()));
        m_tasks.pop_front();
    }
    return tasks;
}

void DiskPrefixStore::carryOut(std::vector<Task> tasks) {
    const Status done = guarded([&]() -> Status {
        if (auto* change = std::get_if<Change>(&tasks.front())) {
            (*change)();
        } else {
            std::vector<storage::PrefixRow> rows;
            for (Task& task : tasks) rows.push_back(std::move(std::get<Write>(task).row));
            addRows(std::get<Write>(tasks.front()).owner, std::move(rows));
        }
        return {};
    });
    if (!done) noteFailure(done.error());
    noteFigures();
}

void DiskPrefixStore::addRows(std::uint64_t owner, std::vector<storage::PrefixRow> rows) {
    if (m_file && !isForgotten(owner)) {
        const std::uint64_t quota = quotaNow();
        // Somebody else filled the disk.
        if (m_file->bytesOnDisk() > quota) note(m_file->shrink(quota));
        if (m_file) note(m_file->add(owner, rows, quota));
    }
    const std::lock_guard lock(m_mutex);
    for (const storage::PrefixRow& row : rows) {
        m_pending.erase(row.chain);
        m_nPendingBytes -= row.bytes.size();
    }
}

void DiskPrefixStore::note(const Result<storage::PrefixChanges>& changes) {
    if (!changes) return noteFailure(changes.error());
    const std::lock_guard lock(m_mutex);
    m_there.insert(changes->added.begin(), changes->added.end());
    for (const ChainDigest& chain : changes->removed) m_there.erase(chain);
}

// A damaged file begins anew; a disk that is full, or a reader that is at work, will pass.
void DiskPrefixStore::noteFailure(const Error& error) {
    if (std::exchange(m_lastFailure, error.code) != error.code)
        logMessage(LogLevel::Warning, fmt::format("The prefix cache: {}", error.message));
    if (error.code == ErrorCode::DatabaseDamaged) beginAnew();
}

std::uint64_t DiskPrefixStore::quotaNow() const {
    std::error_code error;
    const auto space =
        std::filesystem::space(m_options.path.parent_path().empty() ? std::filesystem::path(".")
                                                                    : m_options.path.parent_path(),
                               error);
    std::uint64_t quota = 0;
    {
        const std::lock_guard lock(m_mutex);
        quota = m_maxBytes;
    }
    return error ? quota
                 : std::min<std::uint64_t>(
                       quota, (space.available + m_file->bytesOnDisk()) / kShareOfFree);
}

void DiskPrefixStore::noteFigures() {
    if (!m_file) return;
    const std::uint64_t quota = quotaNow();
    const std::uint64_t inHour =
        m_file->bytesWrittenSince(std::time(nullptr) - kHourSeconds).value_or(0);
    const std::uint64_t today = m_file->bytesWrittenSince(localMidnight()).value_or(0);
    const std::lock_guard lock(m_mutex);
    m_figures.bytesOnDisk = m_file->bytesOnDisk();
    m_figures.maxBytes = quota;
    m_figures.writtenToday = today;
    m_figures.writtenInHour = inHour;
}

void DiskPrefixStore::openFile() {
    const bool isOn = [this] {
        const std::lock_guard lock(m_mutex);
        return m_isOn;
    }();
    if (!isOn) {
        const std::lock_guard lock(m_mutex);
        if (!m_isOpened) m_key = freshHashKey();
        m_isOpened = true;
        m_changed.notify_all();
        return;
    }
    Status opened = guarded([this] { return openOnce(); });
    const bool isReplaceable = m_options.isOwnPlace || storage::PrefixFile::isOurs(m_options.path);
    if (!opened && isReplaceable && opened.error().code == ErrorCode::DatabaseDamaged &&
        storage::PrefixFile::remove(m_options.path))
        opened = guarded([this] { return openOnce(); });
    const std::lock_guard lock(m_mutex);
    m_isOpen = opened.has_value();
    if (!opened) {
        logMessage(LogLevel::Warning, fmt::format("No prefix cache: {}", opened.error().message));
        m_file.reset();
        if (!m_isOpened) m_key = freshHashKey();
        m_figures.problem = opened.error();
    }
    m_isOpened = true;
    m_changed.notify_all();
}

Status DiskPrefixStore::openOnce() {
    m_file.reset();
    const std::optional<ChainDigest> key = m_isOpened ? std::optional(m_key) : std::nullopt;
    SOTTO_ASSIGN(m_file, storage::PrefixFile::open(m_options.path, key));
    SOTTO_ASSIGN(const std::vector<storage::ChainId> chains, m_file->chains());
    {
        const std::lock_guard lock(m_mutex);
        if (!m_isOpened) m_key = m_file->key();
        m_there = Digests(chains.begin(), chains.end());
        m_figures.problem.reset();
    }
    const std::uint64_t quota = quotaNow();
    if (m_file->bytesOnDisk() > quota) note(m_file->shrink(quota));
    noteFigures();
    return {};
}

// With the same key, which the engine has.
void DiskPrefixStore::beginAnew() {
    removeFile();
    openFile();
}

// Where it is open, so that it is ours.
void DiskPrefixStore::removeFile() {
    const std::lock_guard reading(m_readerMutex);
    m_reader.reset();
    const bool isOurs = m_file != nullptr;
    m_file.reset();
    {
        const std::lock_guard lock(m_mutex);
        m_there.clear();
        m_isOpen = false;
        m_figures.bytesOnDisk = 0;
    }
    if (!isOurs) return;
    if (const Status removed = storage::PrefixFile::remove(m_options.path); !removed)
        logMessage(LogLevel::Warning, removed.error().message);
}

void DiskPrefixStore::runReader() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_isClosing || (m_isOpened && !m_reads.empty()); });
        if (m_isClosing) return;
        Read next = std::move(m_reads.front());
        m_reads.pop_front();
        lock.unlock();
        auto blocks = guarded([&]() -> Result<std::vector<PrefixBlock>> {
            return readNow(next.chain, std::move(next.memory));
        });
        next.sink(blocks ? std::move(*blocks) : std::vector<PrefixBlock>());
        lock.lock();
    }
}

std::vector<PrefixBlock> DiskPrefixStore::readNow(const std::vector<ChainDigest>& chain,
                                                  BlockMemory memory) {
    const std::lock_guard reading(m_readerMutex);
    if (!m_reader) {
        auto reader = storage::PrefixReader::open(m_options.path);
        if (!reader) return {};
        m_reader = std::move(*reader);
    }
    const auto start = Clock::now();
    auto rows = m_reader->read(chain, std::move(memory));
    if (!rows) {
        m_reader.reset();
        return {};
    }
    if (rows->damaged) {
        const ChainDigest damaged = *rows->damaged;
        post(Change([this, damaged] {
            if (m_file) note(m_file->drop(damaged));
        }));
    }
    std::vector<PrefixBlock> blocks;
    double nBytes = 0;
    for (storage::PrefixRow& row : rows->rows) {
        nBytes += static_cast<double>(row.bytes.size());
        blocks.push_back({.chain = row.chain,
                          .parent = {},
                          .tokens = std::move(row.tokens),
                          .bytes = std::move(row.bytes)});
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (nBytes > 0 && seconds > 0) {
        const std::lock_guard lock(m_mutex);
        const double rate = nBytes / seconds;
        m_readRate = m_readRate == 0 ? rate : (m_readRate + rate) / 2;
    }
    return blocks;
}

}  // namespace sotto::app
