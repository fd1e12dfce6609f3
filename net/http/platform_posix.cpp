#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http/platform.h"

namespace sotto::net {

// libcurl knows the place of the system that it was built on. A copy of it in a portable archive
// is on another one.
std::string systemAuthorities() {
    for (const char* place : {"/etc/ssl/certs/ca-certificates.crt",  // Debian, Arch, Gentoo
                              "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora
                              "/etc/ssl/ca-bundle.pem",                             // openSUSE
                              "/etc/ssl/cert.pem"})  // Alpine, macOS, the BSDs
        if (::access(place, R_OK) == 0) return place;
    return {};
}

long authorityOptions() { return 0; }

curl_socket_t openSocket(int family, int type, int protocol) {
    const int descriptor = ::socket(family, type, protocol);
    if (descriptor < 0) return CURL_SOCKET_BAD;
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
}

}  // namespace sotto::net
