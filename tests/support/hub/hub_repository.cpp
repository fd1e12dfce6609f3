#include "tests/support/hub/hub_repository.h"

#include <openssl/evp.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace sotto::test {
namespace {

std::string digestOf(const EVP_MD* kind, const std::string& content) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned nBytes = 0;
    EVP_Digest(content.data(), content.size(), digest, &nBytes, kind, nullptr);
    std::string text;
    for (unsigned index = 0; index < nBytes; ++index) {
        constexpr char kDigits[] = "0123456789abcdef";
        text += kDigits[digest[index] >> 4];
        text += kDigits[digest[index] & 15];
    }
    return text;
}

Reply notThere(const std::string& code) {
    Reply reply{.status = 404, .body = "Not found"};
    return reply.with("X-Error-Code", code).with("X-Error-Message", "It is not here");
}

std::string percentDecoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned byte = 0;
        const bool isCode =
            text[at] == '%' && at + 2 < text.size() &&
            std::from_chars(&text[at + 1], &text[at + 3], byte, 16).ec == std::errc();
        decoded += isCode ? static_cast<char>(byte) : text[at];
        if (isCode) at += 2;
    }
    return decoded;
}

// Behind "/resolve/REVISION/" of a target; empty when there is none.
std::string fileOf(const std::string& path) {
    constexpr std::string_view kResolve = "/resolve/";
    const std::size_t at = path.find(kResolve);
    if (at == std::string::npos) return {};
    const std::size_t slash = path.find('/', at + kResolve.size());
    return slash == std::string::npos ? std::string() : percentDecoded(path.substr(slash + 1));
}

}  // namespace

std::string sha256Of(const std::string& content) { return digestOf(EVP_sha256(), content); }

std::string blobSha1Of(const std::string& content) {
    std::string blob = "blob " + std::to_string(content.size());
    blob += '\0';
    return digestOf(EVP_sha1(), blob + content);
}

Reply rangeOf(const ServedRequest& request, const std::string& content, const std::string& etag) {
    Reply reply;
    reply.with("ETag", '"' + etag + '"').with("Accept-Ranges", "bytes");
    const std::string range = request.header("Range");
    const std::string condition = request.header("If-Range");
    const bool isWhole = range.empty() || (!condition.empty() && condition != '"' + etag + '"');
    if (isWhole) {
        reply.body = content;
        return reply;
    }
    std::size_t first = 0;
    std::size_t last = content.size() - 1;
    const char* begin = range.data() + std::string_view("bytes=").size();
    const char* end = range.data() + range.size();
    const auto parsed = std::from_chars(begin, end, first);
    if (parsed.ptr + 1 < end) std::from_chars(parsed.ptr + 1, end, last);
    last = std::min(last, content.size() - 1);
    if (first >= content.size()) {
        reply.status = 416;
        reply.with("Content-Range", "bytes */" + std::to_string(content.size()));
        reply.body = "<html>Range not satisfiable</html>";
        return reply;
    }
    reply.status = 206;
    reply.with("Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(last) +
                                    "/" + std::to_string(content.size()));
    reply.body = content.substr(first, last - first + 1);
    return reply;
}

HubRepository::HubRepository()
    : m_bytes([this](const ServedRequest& request) {
          Bend bend;
          {
              const std::lock_guard lock(m_mutex);
              bend = m_bytesBend;
          }
          if (bend)
              if (auto reply = bend(request)) return *reply;
          return bytesReply(request);
      }),
      m_hub([this](const ServedRequest& request) {
          Bend bend;
          {
              const std::lock_guard lock(m_mutex);
              bend = m_hubBend;
          }
          if (bend)
              if (auto reply = bend(request)) return *reply;
          return hubReply(request);
      }) {}

void HubRepository::add(const std::string& path, const std::string& content, bool isLfs) {
    const std::lock_guard lock(m_mutex);
    m_files[path] = {.content = content,
                     .hash = isLfs ? sha256Of(content) : blobSha1Of(content),
                     .isLfs = isLfs};
}

void HubRepository::setCommit(const std::string& commit) {
    const std::lock_guard lock(m_mutex);
    m_commit = commit;
}

void HubRepository::bendHub(Bend bend) {
    const std::lock_guard lock(m_mutex);
    m_hubBend = std::move(bend);
}

void HubRepository::bendBytes(Bend bend) {
    const std::lock_guard lock(m_mutex);
    m_bytesBend = std::move(bend);
}

Reply HubRepository::hubReply(const ServedRequest& request) const {
    const std::lock_guard lock(m_mutex);
    const std::string path = request.path();
    if (path == "/api/models") return searchReply();
    if (path.starts_with("/api/models/" + repository + "/tree/")) return treeReply();
    if (path.starts_with("/" + repository + "/resolve/")) return fileReply(request, fileOf(path));
    return notThere("RepoNotFound");
}

// Whatever was searched for: the one that it has.
Reply HubRepository::searchReply() const {
    const nlohmann::json model = {{"id", repository},
                                  {"downloads", 1234},
                                  {"likes", 5},
                                  {"gated", false},
                                  {"cardData", {{"license", "apache-2.0"}}},
                                  {"tags", {"gguf", "license:apache-2.0"}}};
    return {.body = nlohmann::json::array({model}).dump()};
}

Reply HubRepository::treeReply() const {
    nlohmann::json tree = nlohmann::json::array();
    for (const auto& [path, file] : m_files) {
        nlohmann::json entry = {{"type", "file"},
                                {"path", path},
                                {"size", file.content.size()},
                                {"oid", blobSha1Of(file.isLfs ? file.hash : file.content)}};
        if (file.isLfs)
            entry["lfs"] = {
                {"oid", file.hash}, {"size", file.content.size()}, {"pointerSize", 134}};
        tree.push_back(std::move(entry));
    }
    Reply reply{.body = tree.dump()};
    return reply.with("Content-Type", "application/json");
}

Reply HubRepository::fileReply(const ServedRequest& request, const std::string& path) const {
    const auto found = m_files.find(path);
    if (found == m_files.end()) return notThere("EntryNotFound");
    const File& file = found->second;
    if (!file.isLfs) {
        Reply reply = rangeOf(request, file.content, file.hash);
        return reply.with("X-Repo-Commit", m_commit);
    }
    Reply reply{.status = 302, .body = "Found. Redirecting"};
    return reply.with("X-Repo-Commit", m_commit)
        .with("X-Linked-Etag", '"' + file.hash + '"')
        .with("X-Linked-Size", std::to_string(file.content.size()))
        .with("Location", m_bytes.origin() + "/" + file.hash + "?Signature=a~b&Expires=3600");
}

Reply HubRepository::bytesReply(const ServedRequest& request) const {
    const std::lock_guard lock(m_mutex);
    for (const auto& [path, file] : m_files)
        if (request.path() == "/" + file.hash) return rangeOf(request, file.content, file.hash);
    return {.status = 404};
}

}  // namespace sotto::test
