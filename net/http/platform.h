// What differs between the systems below a connection: where they keep the certificates of the
// authorities that they believe, and how a socket is made.
//
// POSIX in platform_posix.cpp, its Windows twin in platform_windows.cpp.
#pragma once

#include <curl/curl.h>

#include <string>

namespace sotto::net {

// A file with them; empty: libcurl knows by itself.
std::string systemAuthorities();
// For CURLOPT_SSL_OPTIONS.
long authorityOptions();
// Not inherited by programs that this one starts.
curl_socket_t openSocket(int family, int type, int protocol);

}  // namespace sotto::net
