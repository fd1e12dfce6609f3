#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <winsock2.h>

#include "net/http/platform.h"

namespace sotto::net {

std::string systemAuthorities() { return {}; }

long authorityOptions() { return CURLSSLOPT_NATIVE_CA; }

curl_socket_t openSocket(int family, int type, int protocol) {
    return ::WSASocketW(family, type, protocol, nullptr, 0,
                        WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

}  // namespace sotto::net
