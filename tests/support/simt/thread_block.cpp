#include "tests/support/simt/thread_block.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "simt/async_copies.h"
#include "tests/support/simt/unwritten.h"

namespace simt {

Thread* currentThread = nullptr;
Block* currentBlock = nullptr;

namespace {

bool isSamePlace(const std::source_location& one, const std::source_location& other) {
    return one.line() == other.line() && one.column() == other.column() &&
           (one.file_name() == other.file_name() ||
            std::strcmp(one.file_name(), other.file_name()) == 0);
}

std::string text(const std::source_location& where) {
    return fmt::format("{}:{} ({})", where.file_name(), where.line(), where.function_name());
}

std::string text(uint3 index) { return fmt::format("({}, {}, {})", index.x, index.y, index.z); }

// The block whose threads run.
ThreadBlock* running = nullptr;

}  // namespace

ThreadBlock::Lane::Lane(ThreadBlock& block) : owner(block), fiber(&ThreadBlock::laneBody, this) {}

// A fiber runs one CUDA thread after the other; between two it waits in endThread().
void ThreadBlock::laneBody(void* argument) {
    Lane& lane = *static_cast<Lane*>(argument);
    for (;;) {
        lane.owner.m_kernel->thread();
        lane.owner.endThread(lane);
    }
}

void ThreadBlock::beginKernel(const KernelRun& kernel, std::mt19937_64* random) {
    m_kernel = &kernel;
    m_random = random;
    // malloc aligns to 16, as the device does, and the address sanitizer guards the exact size.
    m_block = Block{kernel.grid,
                    kernel.block,
                    {0, 0, 0},
                    static_cast<std::byte*>(std::malloc(kernel.sharedBytes))};
}

void ThreadBlock::endKernel() {
    giveUp();
    std::free(std::exchange(m_block.dynamicShared, nullptr));
    for (const SharedVariable& variable : m_shared) std::free(variable.memory);
    m_shared.clear();
    m_kernel = nullptr;
}

void ThreadBlock::giveUp() {
    if (m_nAlive == 0) return;
    for (unsigned linear = 0; linear < m_nThreads; ++linear) m_lanes[linear]->fiber.restart();
    m_warps.clear();  // with what is pending in them
    m_nAlive = 0;
}

void ThreadBlock::prepare(std::size_t blockIndex) {
    const dim3& grid = m_kernel->grid;
    const dim3& size = m_kernel->block;
    const auto nThreads = size.x * size.y * size.z;
    while (m_lanes.size() < nThreads) m_lanes.push_back(std::make_unique<Lane>(*this));
    m_warps.resize((nThreads + kWarpLanes - 1) / kWarpLanes);
    m_nThreads = m_nAlive = nThreads;
    m_nAtBarrier = m_nVotes = m_nParked = 0;
    m_hasWaited = m_hasTriggered = false;
    m_block.blockIdx = {static_cast<unsigned>(blockIndex % grid.x),
                        static_cast<unsigned>(blockIndex / grid.x % grid.y),
                        static_cast<unsigned>(blockIndex / grid.x / grid.y)};
    if (m_kernel->sharedBytes > 0)
        std::memset(m_block.dynamicShared, kUnwrittenByte, m_kernel->sharedBytes);
    for (SharedVariable& variable : m_shared) variable.isOfThisBlock = false;
    m_ready.clear();
    m_released.clear();
    for (unsigned linear = 0; linear < nThreads; ++linear) {
        Lane& lane = *m_lanes[linear];
        Warp& warp = m_warps[linear / kWarpLanes];
        if (linear % kWarpLanes == 0) {
            warp.firstThread = linear;
            warp.alive = 0;
        }
        warp.alive |= 1u << (linear % kWarpLanes);
        lane.thread.threadIdx = {linear % size.x, linear / size.x % size.y,
                                 linear / size.x / size.y};
        lane.thread.linear = linear;
        lane.thread.lane = linear % kWarpLanes;
        lane.warp = &warp;
        lane.wait = Wait::None;
        lane.copies.clear();
        lane.copyGroups.clear();
        m_released.push_back(&lane);
    }
    release(m_released);
}

std::optional<std::string> ThreadBlock::run(std::size_t blockIndex) {
    m_isParking = false;
    prepare(blockIndex);
    return continueThreads();
}

std::optional<std::string> ThreadBlock::runToWait(std::size_t blockIndex) {
    m_isParking = true;
    prepare(blockIndex);
    return continueThreads();
}

std::optional<std::string> ThreadBlock::resume() {
    m_isParking = false;
    m_nParked = 0;
    for (unsigned linear = 0; linear < m_nThreads; ++linear)
        if (m_lanes[linear]->wait == Wait::Dependency) m_released.push_back(m_lanes[linear].get());
    release(m_released);
    return continueThreads();
}

// Until no thread is ready: all have ended, or wait for what is not going to come, or are parked.
std::optional<std::string> ThreadBlock::continueThreads() {
    m_report.reset();
    m_current = takeReady();
    if (m_current != nullptr) {
        // The calling thread's: a parked block may go on in another one.
        m_main = std::make_unique<Fiber>();
        running = this;
        currentBlock = &m_block;
        currentThread = &m_current->thread;
        m_main->switchTo(m_current->fiber);
        running = nullptr;
        currentBlock = nullptr;
        currentThread = nullptr;
    }
    const bool isParked = m_nParked > 0;
    if (!m_report && m_nAlive > 0 && !isParked) m_report = divergenceText();
    if (!m_report && m_kernel->isProgrammatic && !m_hasWaited)
        m_report = "a programmatic launch ended without gridDependencyWait()" + placeText();
    if (m_report) giveUp();
    return std::move(m_report);
}

// Puts lanes at the end that runs next, so that a warp goes on as far as it comes. At random: in
// any order, and sometimes behind all others.
void ThreadBlock::release(std::vector<Lane*>& lanes) {
    for (Lane* const lane : lanes) lane->wait = Wait::None;
    bool isFirst = true;
    if (m_random != nullptr) {
        std::shuffle(lanes.begin(), lanes.end(), *m_random);
        isFirst = ((*m_random)() & 1u) != 0;
    }
    m_ready.insert(isFirst ? m_ready.end() : m_ready.begin(), lanes.rbegin(), lanes.rend());
    lanes.clear();
}

ThreadBlock::Lane* ThreadBlock::takeReady() {
    if (m_ready.empty()) return nullptr;
    Lane* const lane = m_ready.back();
    m_ready.pop_back();
    return lane;
}

// Leaves `from` for the next ready thread; for the main fiber when there is none.
void ThreadBlock::handOver(Lane& from) {
    Lane* const next = takeReady();
    if (next == &from) return;
    if (next == nullptr) {
        from.fiber.switchTo(*m_main);
        return;
    }
    m_current = next;
    currentThread = &next->thread;
    from.fiber.switchTo(next->fiber);
}

void ThreadBlock::waitIn(Lane& lane, Wait wait, const std::source_location& where) {
    lane.wait = wait;
    lane.where = &where;
}

void ThreadBlock::endThread(Lane& lane) {
    lane.wait = Wait::Ended;
    --m_nAlive;
    Warp& warp = *lane.warp;
    warp.alive &= ~(1u << lane.thread.lane);
    // Others may have waited for this thread only.
    if (m_nAtBarrier > 0 && m_nAtBarrier == m_nAlive) completeBlockBarrier();
    if (warp.nPending > 0)
        for (Meeting& meeting : warp.meetings)
            if (meeting.arrived != 0 && meeting.arrived == (meeting.mask & warp.alive))
                completeMeeting(warp, meeting);
    handOver(lane);
}

void ThreadBlock::completeBlockBarrier() {
    m_lastVotes = m_nVotes;
    m_nAtBarrier = m_nVotes = 0;
    for (unsigned linear = 0; linear < m_nThreads; ++linear)
        if (m_lanes[linear]->wait == Wait::Block) m_released.push_back(m_lanes[linear].get());
    release(m_released);
}

unsigned ThreadBlock::blockBarrier(bool vote, const std::source_location& where) {
    Lane& lane = *m_current;
    if (m_nAtBarrier == 0)
        m_barrierWhere = where;
    else if (!isSamePlace(m_barrierWhere, where))
        failAtOtherBarrier(where);
    waitIn(lane, Wait::Block, where);
    m_nVotes += vote ? 1 : 0;
    if (++m_nAtBarrier == m_nAlive) completeBlockBarrier();
    handOver(lane);
    return m_lastVotes;
}

void ThreadBlock::completeMeeting(Warp& warp, Meeting& meeting) {
    const std::uint32_t lanes = meeting.arrived;
    meeting.arrived = 0;
    --warp.nPending;
    meeting.function(warp.payloads.data(), lanes);
    for (std::uint32_t rest = lanes; rest != 0; rest &= rest - 1)
        m_released.push_back(
            m_lanes[warp.firstThread + static_cast<unsigned>(std::countr_zero(rest))].get());
    release(m_released);
}

void ThreadBlock::warpCollective(std::uint32_t mask, WarpFunction function, void* payload,
                                 const std::source_location& where) {
    Lane& lane = *m_current;
    Warp& warp = *lane.warp;
    const std::uint32_t own = 1u << lane.thread.lane;
    if ((mask & own) == 0) failAtOtherCollective(Meeting{}, mask, where);
    Meeting& meeting = warp.meetings[static_cast<unsigned>(std::countr_zero(mask))];
    if (meeting.arrived == 0)
        meeting = Meeting{mask, 0, function, where};
    else if (meeting.mask != mask || meeting.function != function ||
             !isSamePlace(meeting.where, where))
        failAtOtherCollective(meeting, mask, where);
    if (meeting.arrived == 0) ++warp.nPending;
    meeting.arrived |= own;
    warp.payloads[lane.thread.lane] = payload;
    waitIn(lane, Wait::Warp, where);
    lane.mask = mask;
    if (meeting.arrived == (mask & warp.alive)) completeMeeting(warp, meeting);
    handOver(lane);
}

std::size_t ThreadBlock::staticSharedBytes() const {
    std::size_t all = 0;
    for (const SharedVariable& variable : m_shared) all += variable.bytes;
    return all;
}

void* ThreadBlock::sharedVariable(const void* key, std::size_t bytes) {
    auto found = std::find_if(m_shared.begin(), m_shared.end(),
                              [key](const SharedVariable& one) { return one.key == key; });
    if (found == m_shared.end()) {
        const std::size_t all = staticSharedBytes() + bytes;
        if (m_kernel->sharedBytes > 0 && all > kStaticBesideDynamic) {
            std::string problem = fmt::format(
                "{} bytes of static shared memory beside dynamic, for which {} are set aside", all,
                kStaticBesideDynamic);
            fail(std::move(problem));
        }
        // As dynamic shared memory: aligned to 16, its exact size guarded.
        m_shared.push_back({key, bytes, static_cast<std::byte*>(std::malloc(bytes)), false});
        found = std::prev(m_shared.end());
    }
    if (!found->isOfThisBlock) std::memset(found->memory, kUnwrittenByte, bytes);
    found->isOfThisBlock = true;
    return found->memory;
}

// A copy that was asked for before the wait reads what was there then.
void ThreadBlock::dependencyWait() {
    m_hasWaited = true;
    if (!m_isParking) return;
    Lane& lane = *m_current;
    for (AsyncCopy& copy : lane.copies) {
        const auto* const from = static_cast<const std::byte*>(copy.global);
        copy.early.assign(from, from + copy.bytes);
    }
    waitIn(lane, Wait::Dependency, m_kernel->where);
    ++m_nParked;
    handOver(lane);
}

void ThreadBlock::startAsyncCopy(void* shared, const void* global, std::size_t bytes) {
    // Both ranges are touched now, so that the sanitizers name the line that asked for the copy.
    volatile const char* const from = static_cast<const char*>(global);
    static_cast<void>(from[0]);
    static_cast<void>(from[bytes - 1]);
    std::memset(shared, kUnwrittenByte, bytes);
    m_current->copies.push_back({shared, global, bytes, {}});
}

void ThreadBlock::awaitAsyncCopies(int nPending) {
    Lane& lane = *m_current;
    const auto nGroups = lane.copyGroups.size();
    const auto nDone = nGroups - std::min(nGroups, static_cast<std::size_t>(nPending));
    if (nDone == 0) return;
    const std::size_t end = lane.copyGroups[nDone - 1];
    for (std::size_t index = 0; index < end; ++index) {
        const AsyncCopy& copy = lane.copies[index];
        std::memcpy(copy.shared, copy.early.empty() ? copy.global : copy.early.data(), copy.bytes);
    }
    lane.copies.erase(lane.copies.begin(), lane.copies.begin() + static_cast<std::ptrdiff_t>(end));
    lane.copyGroups.erase(lane.copyGroups.begin(),
                          lane.copyGroups.begin() + static_cast<std::ptrdiff_t>(nDone));
    for (std::size_t& groupEnd : lane.copyGroups) groupEnd -= end;
}

std::string ThreadBlock::placeText() const {
    return fmt::format("; block {} of grid {}, block size {}, launched at {}",
                       text(m_block.blockIdx), text(m_kernel->grid), text(m_kernel->block),
                       text(m_kernel->where));
}

// Who waits where, with runs of threads that wait alike taken together.
std::string ThreadBlock::divergenceText() const {
    std::string waits;
    const auto isAlike = [](const Lane& one, const Lane& other) {
        return one.wait == other.wait &&
               (one.wait == Wait::Ended ||
                (one.mask == other.mask && isSamePlace(*one.where, *other.where)));
    };
    for (unsigned first = 0; first < m_nThreads;) {
        const Lane& lane = *m_lanes[first];
        unsigned last = first;
        while (last + 1 < m_nThreads && isAlike(lane, *m_lanes[last + 1])) ++last;
        const std::string what =
            lane.wait == Wait::Ended ? std::string("ended")
            : lane.wait == Wait::Block
                ? "wait for the block at " + text(*lane.where)
                : fmt::format("wait for lanes {:#010x} at {}", lane.mask, text(*lane.where));
        waits += fmt::format("\n  threads {} to {} {}", first, last, what);
        first = last + 1;
    }
    return "divergent barrier: not all threads came" + placeText() + waits;
}

// The texts are complete, and every other string destroyed, before the thread is given up.
void ThreadBlock::failAtOtherBarrier(const std::source_location& where) {
    std::string problem =
        fmt::format("divergent barrier: others of the block wait at {}, this thread came to {}",
                    text(m_barrierWhere), text(where));
    fail(std::move(problem));
}

// An empty meeting: the lane is not in its own mask.
void ThreadBlock::failAtOtherCollective(const Meeting& meeting, std::uint32_t mask,
                                        const std::source_location& where) {
    const unsigned lane = m_current->thread.lane;
    std::string problem =
        meeting.arrived == 0
            ? fmt::format("lane {} is not in the mask {:#010x} that it names at {}", lane, mask,
                          text(where))
            : fmt::format(
                  "divergent warp: lanes {:#010x} wait at {} with mask {:#010x}, lane {} "
                  "came to {} with mask {:#010x}",
                  meeting.arrived, text(meeting.where), meeting.mask, lane, text(where), mask);
    fail(std::move(problem));
}

void ThreadBlock::fail(std::string problem) {
    m_report = std::move(problem);
    *m_report += placeText();
    *m_report +=
        fmt::format("; thread {} {}", m_current->thread.linear, text(m_current->thread.threadIdx));
    m_current->fiber.switchTo(*m_main);
    std::abort();  // a failed thread is never resumed
}

unsigned blockBarrier(bool vote, const std::source_location& where) {
    return running->blockBarrier(vote, where);
}

void warpCollective(std::uint32_t mask, WarpFunction function, void* payload,
                    const std::source_location& where) {
    running->warpCollective(mask, function, payload, where);
}

void* sharedVariable(const void* key, std::size_t bytes) {
    return running->sharedVariable(key, bytes);
}

void fail(std::string problem) { running->fail(std::move(problem)); }

void dependencyWait() { running->dependencyWait(); }
void dependencyLaunch() { running->dependencyLaunch(); }

void startAsyncCopy(void* shared, const void* global, std::size_t bytes) {
    running->startAsyncCopy(shared, global, bytes);
}
void commitAsyncCopies() { running->commitAsyncCopies(); }
void awaitAsyncCopies(int nPending) { running->awaitAsyncCopies(nPending); }

}  // namespace simt
