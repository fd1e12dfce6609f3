#include "net/http/transport.h"

#include <system_error>
#include <utility>

#include "net/http/transfer.h"
#include "net/http/transport_loop.h"
#include "net/net_error.h"

namespace sotto::net {

HttpStream::HttpStream(std::shared_ptr<Transfer> transfer, std::weak_ptr<TransportLoop> loop)
    : m_transfer(std::move(transfer)), m_loop(std::move(loop)) {}

HttpStream::~HttpStream() {
    if (const auto loop = m_loop.lock()) loop->cancel(m_transfer);
}

Result<HttpHead> HttpStream::head(const std::stop_token& stop) {
    std::unique_lock lock(m_transfer->mutex);
    const bool isThere = m_transfer->changed.wait(
        lock, stop, [this] { return m_transfer->head || m_transfer->result; });
    if (!isThere) return fail(cancelledError());
    if (m_transfer->head) return *m_transfer->head;
    if (!*m_transfer->result) return fail(m_transfer->result->error());
    return fail(answerError(m_transfer->request.url.host, "it has no head"));
}

Result<std::vector<std::byte>> HttpStream::next(const std::stop_token& stop) {
    std::unique_lock lock(m_transfer->mutex);
    const bool isThere = m_transfer->changed.wait(
        lock, stop, [this] { return !m_transfer->body.empty() || m_transfer->result; });
    if (!isThere) return fail(cancelledError());
    if (m_transfer->body.empty()) {
        if (!*m_transfer->result) return fail(m_transfer->result->error());
        return std::vector<std::byte>();
    }
    std::vector<std::byte> bytes = std::exchange(m_transfer->body, {});
    const bool wasPaused = m_transfer->isPaused;
    lock.unlock();
    if (wasPaused)
        if (const auto loop = m_loop.lock()) loop->unpause(m_transfer);
    return bytes;
}

Result<std::unique_ptr<Transport>> Transport::create(const NetworkOptions& options, Clock& clock) {
    auto loop = TransportLoop::create(options, clock);
    if (!loop) return fail(loop.error());
    try {
        (*loop)->start();
    } catch (const std::system_error&) {
        return fail(ErrorCode::OutOfMemory,
                    "The system gives no thread for the network: close other programs.");
    }
    return std::unique_ptr<Transport>(new Transport(std::move(*loop)));
}

Transport::Transport(std::shared_ptr<TransportLoop> loop) : m_loop(std::move(loop)) {}

// Also where a stream holds the loop this very moment.
Transport::~Transport() { m_loop->close(); }

std::unique_ptr<HttpStream> Transport::open(HttpRequest request) {
    auto transfer = std::make_shared<Transfer>(std::move(request));
    m_loop->begin(transfer);
    return std::make_unique<HttpStream>(std::move(transfer), m_loop);
}

void Transport::setOffline(bool isOffline) { m_loop->setOffline(isOffline); }
bool Transport::isOffline() const { return m_loop->isOffline(); }
int Transport::nOpen() const { return m_loop->nOpen(); }
void Transport::setListener(std::function<void()> listener) {
    m_loop->setListener(std::move(listener));
}
std::uint64_t Transport::sentBytes() const { return m_loop->sentBytes(); }
std::uint64_t Transport::receivedBytes() const { return m_loop->receivedBytes(); }

}  // namespace sotto::net
