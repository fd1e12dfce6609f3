#include "net/http/curl_request.h"

#include <string_view>

#include "net/http/platform.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

// What a reader may leave unread before the sender is slowed down.
constexpr std::size_t kMaxUnreadBytes = std::size_t{1} << 20;
// Of one call with bytes: fewer, larger ones cost less.
constexpr long kReceiveBytes = 256 << 10;

std::string_view lineOf(const char* data, std::size_t size) {
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return line;
}

std::uint64_t positive(curl_off_t value) {
    return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace

Result<std::unique_ptr<CurlRequest>> CurlRequest::create(std::shared_ptr<Transfer> transfer,
                                                         const CurlSettings& settings,
                                                         const std::atomic<bool>& isOffline) {
    std::unique_ptr<CurlRequest> request(new CurlRequest(std::move(transfer), isOffline));
    request->m_handle = curl_easy_init();
    if (request->m_handle == nullptr)
        return fail(ErrorCode::OutOfMemory, "There is not enough memory for a connection.");
    request->setOptions(settings);
    return request;
}

CurlRequest::CurlRequest(std::shared_ptr<Transfer> transfer, const std::atomic<bool>& isOffline)
    : m_transfer(std::move(transfer)), m_isOffline(isOffline) {}

CurlRequest::~CurlRequest() {
    curl_easy_cleanup(m_handle);
    curl_slist_free_all(m_headers);
}

void CurlRequest::setOptions(const CurlSettings& settings) {
    const HttpRequest& request = m_transfer->request;
    curl_easy_setopt(m_handle, CURLOPT_URL, request.url.text().c_str());
    curl_easy_setopt(m_handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(m_handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(m_handle, CURLOPT_NOBODY, request.method == HttpMethod::Head ? 1L : 0L);
    // One connection per request: a stalled one holds up no other.
    curl_easy_setopt(m_handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(m_handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(m_handle, CURLOPT_USERAGENT, settings.userAgent.c_str());
    if (settings.proxy) curl_easy_setopt(m_handle, CURLOPT_PROXY, settings.proxy->c_str());
    // libcurl would ask the system's proxy for this machine, and a token may be in the request.
    if (request.url.isLoopback()) curl_easy_setopt(m_handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(m_handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(m_handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(m_handle, CURLOPT_SSL_VERIFYHOST, 2L);
    const std::string& authorities =
        settings.authorities.empty() ? systemAuthorities() : settings.authorities;
    if (!authorities.empty()) curl_easy_setopt(m_handle, CURLOPT_CAINFO, authorities.c_str());
    curl_easy_setopt(m_handle, CURLOPT_SSL_OPTIONS, authorityOptions());
    curl_easy_setopt(m_handle, CURLOPT_BUFFERSIZE, kReceiveBytes);
    // Stalls are this program's own measure, and end long before.
    curl_easy_setopt(m_handle, CURLOPT_CONNECTTIMEOUT, 600L);

    // Never gzip: a range of a packed body is not a range of the file.
    m_headers = curl_slist_append(m_headers, "Accept-Encoding: identity");
    for (const std::string& header : request.headers)
        m_headers = curl_slist_append(m_headers, header.c_str());
    curl_easy_setopt(m_handle, CURLOPT_HTTPHEADER, m_headers);

    curl_easy_setopt(m_handle, CURLOPT_HEADERFUNCTION, &CurlRequest::onHeader);
    curl_easy_setopt(m_handle, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_WRITEFUNCTION, &CurlRequest::onBody);
    curl_easy_setopt(m_handle, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_OPENSOCKETFUNCTION, &CurlRequest::onSocket);
    curl_easy_setopt(m_handle, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(m_handle, CURLOPT_ERRORBUFFER, m_transfer->reason);
    curl_easy_setopt(m_handle, CURLOPT_PRIVATE, this);
}

std::size_t CurlRequest::onHeader(char* data, std::size_t size, std::size_t count, void* request) {
    Transfer& transfer = static_cast<CurlRequest*>(request)->transfer();
    const std::size_t nBytes = size * count;
    transfer.headBytes += nBytes;
    if (transfer.headBytes > kMaxHeadBytes) {
        transfer.isHeadTooLong = true;
        return 0;
    }
    const std::string_view line = lineOf(data, nBytes);
    if (line.starts_with("HTTP/")) {
        transfer.nextHead = {};
        const std::size_t space = line.find(' ');
        const std::string_view status =
            space == std::string_view::npos ? std::string_view() : line.substr(space + 1, 3);
        transfer.nextHead.status = static_cast<int>(parseCount(status).value_or(0));
    } else if (!line.empty()) {
        transfer.nextHead.headers.add(line);
    } else if (transfer.nextHead.status >= 200) {
        const std::lock_guard lock(transfer.mutex);
        // What comes behind the body is no part of the head.
        if (!transfer.head) transfer.head = transfer.nextHead;
        transfer.changed.notify_all();
    }
    return nBytes;
}

std::size_t CurlRequest::onBody(char* data, std::size_t size, std::size_t count, void* request) {
    Transfer& transfer = static_cast<CurlRequest*>(request)->transfer();
    const std::size_t nBytes = size * count;
    const std::lock_guard lock(transfer.mutex);
    if (!transfer.body.empty() && transfer.body.size() + nBytes > kMaxUnreadBytes) {
        transfer.isPaused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    transfer.body.insert(transfer.body.end(), bytes, bytes + nBytes);
    transfer.nBodyBytes += nBytes;
    transfer.changed.notify_all();
    return nBytes;
}

// The last place before a packet leaves.
curl_socket_t CurlRequest::onSocket(void* request, curlsocktype, curl_sockaddr* address) {
    if (static_cast<CurlRequest*>(request)->m_isOffline.load()) return CURL_SOCKET_BAD;
    return openSocket(address->family, address->socktype, address->protocol);
}

Status CurlRequest::statusOf(CURLcode code) const {
    const std::string& host = m_transfer->request.url.host;
    const std::string reason =
        m_transfer->reason[0] != '\0' ? m_transfer->reason : curl_easy_strerror(code);
    long connectStatus = 0;
    curl_easy_getinfo(m_handle, CURLINFO_HTTP_CONNECTCODE, &connectStatus);
    switch (code) {
        case CURLE_OK: return {};
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_CACERT_BADFILE: return fail(certificateError(host, reason));
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_PROXY: return fail(proxyError(host, reason));
        case CURLE_WRITE_ERROR:
            if (m_transfer->isHeadTooLong)
                return fail(answerError(
                    host, "its head has more than " + std::to_string(kMaxHeadBytes) + " bytes"));
            return fail(answerError(host, reason));
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_BAD_CONTENT_ENCODING: return fail(answerError(host, reason));
        case CURLE_OUT_OF_MEMORY:
            return fail(ErrorCode::OutOfMemory, "There is not enough memory for a connection.");
        default: break;
    }
    if (connectStatus >= 400)
        return fail(proxyError(host, "it answers " + std::to_string(connectStatus)));
    return fail(unreachableError(host, reason));
}

LedgerEntry CurlRequest::entry(const Status& status) const {
    const Url& url = m_transfer->request.url;
    long requestBytes = 0;
    long headBytes = 0;
    long httpStatus = 0;
    curl_off_t uploadedBytes = 0;
    curl_off_t bodyBytes = 0;
    curl_easy_getinfo(m_handle, CURLINFO_REQUEST_SIZE, &requestBytes);
    curl_easy_getinfo(m_handle, CURLINFO_HEADER_SIZE, &headBytes);
    curl_easy_getinfo(m_handle, CURLINFO_RESPONSE_CODE, &httpStatus);
    curl_easy_getinfo(m_handle, CURLINFO_SIZE_UPLOAD_T, &uploadedBytes);
    curl_easy_getinfo(m_handle, CURLINFO_SIZE_DOWNLOAD_T, &bodyBytes);
    return {.id = m_transfer->ledgerId,
            .startedAtMs = m_transfer->startedAtMs,
            .host = url.host,
            .port = url.port,
            .purpose = m_transfer->request.purpose,
            .sentBytes = positive(requestBytes) + positive(uploadedBytes),
            .receivedBytes = positive(headBytes) + positive(bodyBytes),
            .httpStatus = static_cast<int>(httpStatus),
            .problem = status ? std::string() : status.error().message};
}

}  // namespace sotto::net
