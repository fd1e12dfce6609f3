#include "tests/support/hub/hub_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "tests/support/hub/self_signed.h"

namespace sotto::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

bool isSame(const std::string& left, const std::string& right) {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                     [](unsigned char a, unsigned char b) {
                                                         return std::tolower(a) == std::tolower(b);
                                                     });
}

}  // namespace

std::string ServedRequest::header(const std::string& name) const {
    for (const auto& [own, value] : headers)
        if (isSame(own, name)) return value;
    return {};
}

std::string ServedRequest::path() const { return target.substr(0, target.find('?')); }

struct HubServer::State {
    Handler handler;
    Options options;
    SelfSigned identity;
    asio::io_context context;
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tcp::acceptor acceptor{context};
    std::thread accepting;
    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    // Guarded by `mutex`.
    std::list<tcp::socket*> open;
    std::vector<std::thread> connections;
    std::vector<ServedRequest> requests;
    bool isClosing = false;
    bool isReleased = false;

    void accept();
    void serve(tcp::socket socket);
    template <typename Stream>
    void talk(Stream& stream);
    // False: the connection ends.
    template <typename Stream>
    bool answer(Stream& stream, const Reply& reply, bool hasBody);
    bool hold();
};

HubServer::HubServer(Handler handler, Options options) : m_state(std::make_unique<State>()) {
    m_state->handler = std::move(handler);
    m_state->options = options;
    const tcp::endpoint place(options.isIpv6 ? asio::ip::address(asio::ip::address_v6::loopback())
                                             : asio::ip::address(asio::ip::address_v4::loopback()),
                              0);
    m_state->acceptor.open(place.protocol());
    m_state->acceptor.bind(place);
    m_state->acceptor.listen();
    if (options.isTls) {
        m_state->identity = makeSelfSigned();
        m_state->tls.use_certificate(asio::buffer(m_state->identity.certificate),
                                     asio::ssl::context::pem);
        m_state->tls.use_private_key(asio::buffer(m_state->identity.key), asio::ssl::context::pem);
    }
    m_state->accepting = std::thread([state = m_state.get()] { state->accept(); });
}

HubServer::~HubServer() {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->isClosing = true;
        m_state->changed.notify_all();
        boost::system::error_code unheard;
        for (tcp::socket* socket : m_state->open)
            socket->shutdown(tcp::socket::shutdown_both, unheard);
    }
    // Wakes accept(), which closing alone does not.
    boost::system::error_code ignored;
    tcp::socket(m_state->context).connect(m_state->acceptor.local_endpoint(), ignored);
    m_state->accepting.join();
    for (std::thread& connection : m_state->connections) connection.join();
}

std::uint16_t HubServer::port() const { return m_state->acceptor.local_endpoint().port(); }

std::string HubServer::origin() const {
    return std::string(m_state->options.isTls ? "https" : "http") + "://" +
           (m_state->options.isIpv6 ? "[::1]" : "127.0.0.1") + ":" + std::to_string(port());
}

std::string HubServer::certificate() const { return m_state->identity.certificate; }

std::vector<ServedRequest> HubServer::requests() const {
    const std::lock_guard lock(m_state->mutex);
    return m_state->requests;
}

bool HubServer::waitForRequests(std::size_t nRequests) const {
    std::unique_lock lock(m_state->mutex);
    return m_state->changed.wait_for(lock, std::chrono::seconds(10),
                                     [&] { return m_state->requests.size() >= nRequests; });
}

void HubServer::release() {
    const std::lock_guard lock(m_state->mutex);
    m_state->isReleased = true;
    m_state->changed.notify_all();
}

void HubServer::State::accept() {
    while (true) {
        boost::system::error_code error;
        tcp::socket socket(context);
        acceptor.accept(socket, error);
        const std::lock_guard lock(mutex);
        if (error || isClosing) return;
        // Heads and bodies are sent apart, and nobody shall wait for the other's acknowledgement.
        socket.set_option(tcp::no_delay(true), error);
        connections.emplace_back([this, held = std::make_shared<tcp::socket>(std::move(socket))] {
            serve(std::move(*held));
        });
    }
}

void HubServer::State::serve(tcp::socket socket) {
    std::list<tcp::socket*>::iterator own;
    {
        const std::lock_guard lock(mutex);
        if (isClosing) return;
        own = open.insert(open.end(), &socket);
    }
    try {
        if (options.isTls) {
            asio::ssl::stream<tcp::socket&> stream(socket, tls);
            stream.handshake(asio::ssl::stream_base::server);
            talk(stream);
        } else {
            talk(socket);
        }
    } catch (const std::exception&) {
        // The client left, or the test is over.
    }
    const std::lock_guard lock(mutex);
    open.erase(own);
}

template <typename Stream>
void HubServer::State::talk(Stream& stream) {
    boost::beast::flat_buffer buffer;
    while (true) {
        http::request<http::string_body> request;
        http::read(stream, buffer, request);
        ServedRequest served{.method = std::string(request.method_string()),
                             .target = std::string(request.target())};
        for (const auto& field : request)
            served.headers.emplace_back(std::string(field.name_string()),
                                        std::string(field.value()));
        {
            const std::lock_guard lock(mutex);
            requests.push_back(served);
            changed.notify_all();
        }
        if (!answer(stream, handler(served), served.method != "HEAD")) return;
    }
}

bool HubServer::State::hold() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return isReleased || isClosing; });
    return !isClosing;
}

template <typename Stream>
bool HubServer::State::answer(Stream& stream, const Reply& reply, bool hasBody) {
    if (!reply.raw.empty()) {
        asio::write(stream, asio::buffer(reply.raw));
        return false;
    }
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
    for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
    if (reply.hasEndlessHead) {
        asio::write(stream, asio::buffer(head));
        while (true)
            asio::write(stream, asio::buffer("X-More: " + std::string(1000, 'x') + "\r\n"));
    }
    if (reply.hasLength && !reply.isEndless)
        head +=
            "Content-Length: " + std::to_string(reply.claimedLength.value_or(reply.body.size())) +
            "\r\n";
    else
        head += "Connection: close\r\n";
    asio::write(stream, asio::buffer(head + "\r\n"));
    if (!hasBody) return reply.hasLength;
    while (reply.isEndless) asio::write(stream, asio::buffer(reply.body));

    const std::size_t nFirst =
        std::min(reply.body.size(), reply.holdsAfter.value_or(reply.cutAfter.value_or(SIZE_MAX)));
    asio::write(stream, asio::buffer(reply.body.data(), nFirst));
    if (reply.cutAfter) return false;
    if (reply.holdsAfter) {
        if (!hold()) return false;
        asio::write(stream, asio::buffer(reply.body.data() + nFirst, reply.body.size() - nFirst));
    }
    return reply.hasLength && !reply.claimedLength;
}

}  // namespace sotto::test
