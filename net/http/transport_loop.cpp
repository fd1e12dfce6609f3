#include "net/http/transport_loop.h"

#include <algorithm>
#include <system_error>

#include "base/guarded.h"
#include "base/log.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

// How late a stall may be seen.
constexpr int kPollMs = 200;
// Nothing is under way: only a command ends the sleep.
constexpr int kIdlePollMs = 600'000;

}  // namespace

Result<std::shared_ptr<TransportLoop>> TransportLoop::create(const NetworkOptions& options,
                                                             Clock& clock) {
    // Counted by libcurl; the other half is in the destructor.
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fail(ErrorCode::Internal, "The network library does not start.");
    std::shared_ptr<TransportLoop> loop(new TransportLoop(options, clock));
    loop->m_multi = curl_multi_init();
    if (loop->m_multi == nullptr)
        return fail(ErrorCode::OutOfMemory, "There is not enough memory for the network.");
    return loop;
}

TransportLoop::TransportLoop(const NetworkOptions& options, Clock& clock)
    : m_settings{.userAgent = options.userAgent,
                 .proxy = options.proxy,
                 .authorities = options.authorities.string()},
      m_stallSpan(options.stallSpan),
      m_stallBytes(options.stallBytes),
      m_ledger(options.ledger),
      m_clock(clock),
      m_isOffline(options.isOffline) {}

TransportLoop::~TransportLoop() {
    close();
    if (m_multi != nullptr) curl_multi_cleanup(m_multi);
    curl_global_cleanup();
}

void TransportLoop::start() {
    m_thread = std::thread([this] { run(); });
}

void TransportLoop::close() {
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        if (m_multi != nullptr) curl_multi_wakeup(m_multi);
    }
    if (m_thread.joinable()) m_thread.join();
}

void TransportLoop::begin(std::shared_ptr<Transfer> transfer) {
    give({.kind = Command::Kind::Begin, .transfer = std::move(transfer)});
}

void TransportLoop::cancel(std::shared_ptr<Transfer> transfer) {
    give({.kind = Command::Kind::Cancel, .transfer = std::move(transfer)});
}

void TransportLoop::unpause(std::shared_ptr<Transfer> transfer) {
    give({.kind = Command::Kind::Unpause, .transfer = std::move(transfer)});
}

void TransportLoop::give(Command command) {
    std::unique_lock lock(m_mutex);
    if (!m_isClosing) {
        m_commands.push_back(std::move(command));
        curl_multi_wakeup(m_multi);
        return;
    }
    lock.unlock();
    if (command.kind == Command::Kind::Begin) settle(*command.transfer, fail(closedError()));
}

void TransportLoop::setOffline(bool isOffline) {
    m_isOffline.store(isOffline);
    const std::lock_guard lock(m_mutex);
    if (!m_isClosing) curl_multi_wakeup(m_multi);
}

void TransportLoop::setListener(std::function<void()> listener) {
    const std::lock_guard lock(m_listenerMutex);
    m_listener = std::move(listener);
}

void TransportLoop::noteOpen() {
    m_nOpen.store(static_cast<int>(m_requests.size()));
    const std::lock_guard lock(m_listenerMutex);
    if (m_listener) m_listener();
}

void TransportLoop::run() {
    while (true) {
        const Status step = guarded([this]() -> Status {
            obey();
            if (m_isOffline.load()) endAll(offlineError("the network"));
            int nRunning = 0;
            curl_multi_perform(m_multi, &nRunning);
            takeMessages();
            checkStalls();
            return {};
        });
        if (!step) endAll(step.error());
        {
            const std::lock_guard lock(m_mutex);
            if (m_isClosing && m_commands.empty()) break;
        }
        curl_multi_poll(m_multi, nullptr, 0, m_requests.empty() ? kIdlePollMs : kPollMs, nullptr);
    }
    endAll(closedError());
}

void TransportLoop::obey() {
    std::vector<Command> commands;
    {
        const std::lock_guard lock(m_mutex);
        commands.swap(m_commands);
    }
    for (Command& command : commands) {
        if (command.kind == Command::Kind::Begin) {
            add(std::move(command.transfer));
            continue;
        }
        const std::size_t index = indexOf(*command.transfer);
        if (index == m_requests.size()) continue;  // it is over
        if (command.kind == Command::Kind::Cancel) {
            end(index, fail(cancelledError()));
            continue;
        }
        {
            const std::lock_guard lock(command.transfer->mutex);
            command.transfer->isPaused = false;
            // The reader was slow, not the sender.
            command.transfer->markedAt = m_clock.now();
            command.transfer->markedBytes = command.transfer->nBodyBytes;
        }
        curl_easy_pause(m_requests[index]->handle(), CURLPAUSE_CONT);
    }
}

void TransportLoop::add(std::shared_ptr<Transfer> transfer) {
    if (m_isOffline.load())
        return settle(*transfer, fail(offlineError(transfer->request.url.host)));
    transfer->startedAtMs = m_clock.wallMs();
    transfer->markedAt = m_clock.now();
    auto request = CurlRequest::create(transfer, m_settings, m_isOffline);
    if (!request) return settle(*transfer, fail(request.error()));
    m_requests.push_back(std::move(*request));
    // Before libcurl has it: what a kill cuts off is in the ledger, too.
    transfer->ledgerId = ++m_lastLedgerId;
    if (m_ledger != nullptr) m_ledger->begin(m_requests.back()->entry({}));
    noteOpen();
    if (curl_multi_add_handle(m_multi, m_requests.back()->handle()) != CURLM_OK)
        end(m_requests.size() - 1,
            fail(ErrorCode::OutOfMemory, "There is not enough memory for a connection."));
}

void TransportLoop::takeMessages() {
    int nLeft = 0;
    while (const CURLMsg* message = curl_multi_info_read(m_multi, &nLeft)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto found = std::find_if(
            m_requests.begin(), m_requests.end(),
            [&](const auto& request) { return request->handle() == message->easy_handle; });
        if (found == m_requests.end()) continue;
        const CURLcode code = message->data.result;
        const Status status = m_isOffline.load() && code != CURLE_OK
                                  ? fail(offlineError((*found)->transfer().request.url.host))
                                  : (*found)->statusOf(code);
        end(static_cast<std::size_t>(found - m_requests.begin()), status);
    }
}

// What moves counts while it does: a download of an hour is no hour of silence.
void TransportLoop::count(CurlRequest& request, const LedgerEntry& entry) {
    m_sentBytes += entry.sentBytes - std::min(entry.sentBytes, request.countedSentBytes);
    m_receivedBytes +=
        entry.receivedBytes - std::min(entry.receivedBytes, request.countedReceivedBytes);
    request.countedSentBytes = std::max(request.countedSentBytes, entry.sentBytes);
    request.countedReceivedBytes = std::max(request.countedReceivedBytes, entry.receivedBytes);
}

void TransportLoop::checkStalls() {
    const Clock::Time now = m_clock.now();
    for (std::size_t index = m_requests.size(); index-- > 0;) {
        count(*m_requests[index], m_requests[index]->entry({}));
        Transfer& transfer = m_requests[index]->transfer();
        std::uint64_t nBytes = 0;
        {
            const std::lock_guard lock(transfer.mutex);
            // What has come of the head counts; an endless one has a limit of its own.
            const std::uint64_t total = transfer.nBodyBytes + transfer.headBytes;
            nBytes = total - transfer.markedBytes;
            if (transfer.isPaused || nBytes >= m_stallBytes) {
                transfer.markedAt = now;
                transfer.markedBytes = total;
                continue;
            }
        }
        if (now - transfer.markedAt >= m_stallSpan)
            end(index, fail(stalledError(
                           transfer.request.url.host,
                           std::chrono::duration_cast<std::chrono::seconds>(m_stallSpan).count(),
                           nBytes)));
    }
}

void TransportLoop::endAll(const Error& error) {
    while (!m_requests.empty()) {
        Error own = error;
        if (error.code == ErrorCode::Offline)
            own = offlineError(m_requests.back()->transfer().request.url.host);
        end(m_requests.size() - 1, fail(std::move(own)));
    }
}

void TransportLoop::end(std::size_t index, const Status& status) {
    const std::unique_ptr<CurlRequest> request = std::move(m_requests[index]);
    m_requests.erase(m_requests.begin() + static_cast<std::ptrdiff_t>(index));
    // Before its reader goes on: who has an answer finds it in the ledger. Where that fails for
    // want of memory, the reader goes on all the same.
    const Status told = guarded([&]() -> Status {
        const LedgerEntry entry = request->entry(status);
        count(*request, entry);
        if (m_ledger != nullptr) m_ledger->end(entry);
        noteOpen();
        return {};
    });
    if (!told) logMessage(LogLevel::Warning, "a request's end: " + told.error().message);
    curl_multi_remove_handle(m_multi, request->handle());
    settle(request->transfer(), status);
}

std::size_t TransportLoop::indexOf(const Transfer& transfer) const {
    const auto found = std::find_if(m_requests.begin(), m_requests.end(), [&](const auto& request) {
        return &request->transfer() == &transfer;
    });
    return static_cast<std::size_t>(found - m_requests.begin());
}

void TransportLoop::settle(Transfer& transfer, const Status& status) {
    const std::lock_guard lock(transfer.mutex);
    if (!transfer.result) transfer.result = status;
    transfer.changed.notify_all();
}

}  // namespace sotto::net
