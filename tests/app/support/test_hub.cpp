#include "tests/app/support/test_hub.h"

#include <QVariantMap>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace sotto::app {
namespace {

using nlohmann::json;
using test::Reply;
using test::ServedRequest;

constexpr const char* kHeldBytes = "/held";
constexpr std::size_t kFirstBytes = 60'000;

std::string textOf(const QVariantMap& row, const char* name) {
    return row.value(QString::fromLatin1(name)).toString().toStdString();
}

std::uint64_t countOf(const QVariantMap& row, const char* name) {
    return row.value(QString::fromLatin1(name)).toULongLong();
}

json modelOf(const QVariantMap& row) {
    return {
        {"id", textOf(row, "repository")},
        {"downloads", countOf(row, "downloads")},
        {"gated", row.value(QStringLiteral("gated")).toBool() ? json("auto") : json(false)},
        {"lastModified", textOf(row, "updated")},
        {"cardData", {{"license", textOf(row, "licence")}, {"base_model", textOf(row, "base")}}},
        {"tags", {"gguf", "conversational"}},
        {"gguf",
         {{"total", countOf(row, "parameters")},
          {"architecture", textOf(row, "architecture")},
          {"context_length", countOf(row, "context")}}}};
}

json treeOf(const QVariantList& files) {
    json tree = json::array();
    for (const QVariant& file : files) {
        const QVariantMap row = file.toMap();
        const std::uint64_t nBytes = countOf(row, "bytes");
        tree.push_back({{"type", "file"},
                        {"path", textOf(row, "path")},
                        {"size", nBytes},
                        {"oid", std::string(40, '0')},
                        {"lfs", {{"oid", std::string(64, 'a')}, {"size", nBytes}}}});
    }
    return tree;
}

net::DownloadRecord recordOf(const QVariantMap& row, net::DownloadId id, const QString& folder,
                             const std::string& endpoint) {
    net::DownloadRecord record{.id = id,
                               .position = id,
                               .endpoint = endpoint,
                               .repository = textOf(row, "repository"),
                               .revision = "main",
                               .path = textOf(row, "path"),
                               .nBytes = countOf(row, "bytes"),
                               .nKeptBytes = countOf(row, "kept")};
    record.target = std::filesystem::path(folder.toStdString()) / record.repository / record.path;
    record.sha256 = std::string(64, 'a');
    record.state = net::downloadStateOfName(textOf(row, "state"));
    if (const std::string code = textOf(row, "problem"); !code.empty())
        record.problem = {.code = errorCodeOfName(code),
                          .message = textOf(row, "sentence"),
                          .context = "huggingface.co"};
    return record;
}

}  // namespace

TestHub::TestHub(const QString& folder, const QVariantList& downloads) {
    m_repository.bendHub([this](const ServedRequest& request) { return answer(request); });
    m_repository.bendBytes([this](const ServedRequest& request) { return bytes(request); });
    net::DownloadId id = 0;
    for (const QVariant& row : downloads)
        static_cast<void>(
            m_store.save(recordOf(row.toMap(), ++id, folder, m_repository.endpoint())));
    auto hub = ModelHub::create({.network = {.proxy = ""},
                                 .hub = {.endpoint = m_repository.endpoint(), .nAttempts = 1},
                                 .downloads = {.store = &m_store, .nConnections = 1},
                                 .folder = folder.toStdString()});
    if (!hub) qFatal("a test's hub cannot be made: %s", hub.error().message.c_str());
    m_hub = std::move(*hub);
}

TestHub::~TestHub() = default;

void TestHub::give(const QVariantList& models) {
    json found = json::array();
    const std::lock_guard lock(m_mutex);
    for (const QVariant& model : models) {
        const QVariantMap row = model.toMap();
        found.push_back(modelOf(row));
        if (row.contains(QStringLiteral("files")))
            m_trees[textOf(row, "repository")] =
                treeOf(row.value(QStringLiteral("files")).toList()).dump();
        if (row.contains(QStringLiteral("readme")))
            m_readmes[textOf(row, "repository")] = textOf(row, "readme");
    }
    m_found = found.dump();
}

void TestHub::addFile(const QString& path, const QByteArray& content, bool isLfs) {
    m_repository.add(path.toStdString(), content.toStdString(), isLfs);
}

// One entry in the older form: a count of entries; name, calls and values of each.
void TestHub::addMatrix(const QString& path, const QString& tensor, int nColumns) {
    QByteArray content;
    const auto add = [&content](const auto& value) {
        content.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    add(std::int32_t{1});
    add(static_cast<std::int32_t>(tensor.size()));
    content.append(tensor.toLatin1());
    add(std::int32_t{1});
    add(static_cast<std::int32_t>(nColumns));
    for (int column = 0; column < nColumns; ++column) add(1.0f);
    addFile(path, content);
}

void TestHub::fail(int status) {
    const std::lock_guard lock(m_mutex);
    m_failure = status;
}

void TestHub::hold() {
    const std::lock_guard lock(m_mutex);
    m_isHolding = true;
}

void TestHub::holdBytes(int nBytes) {
    const std::lock_guard lock(m_mutex);
    m_heldBytes = nBytes;
}

void TestHub::release() {
    {
        const std::lock_guard lock(m_mutex);
        m_heldBytes = -1;
    }
    m_repository.bytes().release();
}

std::optional<Reply> TestHub::answer(const ServedRequest& request) {
    const std::lock_guard lock(m_mutex);
    const std::string path = request.path();
    if (path == "/api/models") {
        if (m_failure != 0) return Reply{.status = m_failure};
        if (m_isHolding) return Reply{.body = "[]", .holdsAfter = 0};
        if (m_found.empty()) return std::nullopt;
        return Reply{.body = m_found};
    }
    for (const auto& [repository, tree] : m_trees)
        if (path.starts_with("/api/models/" + repository + "/tree/")) return Reply{.body = tree};
    for (const auto& [repository, readme] : m_readmes)
        if (path == "/" + repository + "/resolve/main/README.md") return Reply{.body = readme};
    // What an earlier run left waiting goes on, and comes to nothing.
    const auto records = m_store.load();
    if (!records) return std::nullopt;
    for (const net::DownloadRecord& record : *records) {
        if (!path.starts_with("/" + record.repository + "/resolve/") ||
            record.sha256 != std::string(64, 'a'))
            continue;
        Reply reply{.status = 302, .body = "Found"};
        return reply.with("X-Repo-Commit", std::string(40, '1'))
            .with("X-Linked-Etag", '"' + record.sha256 + '"')
            .with("X-Linked-Size", std::to_string(record.nBytes))
            .with("Location", m_repository.bytes().origin() + kHeldBytes +
                                  "?bytes=" + std::to_string(record.nBytes));
    }
    return std::nullopt;
}

std::optional<Reply> TestHub::bytes(const ServedRequest& request) {
    if (request.path() == kHeldBytes) {
        Reply reply{.body = std::string(kFirstBytes, 'x'), .holdsAfter = kFirstBytes};
        reply.claimedLength = std::stoull(request.target.substr(request.target.find('=') + 1));
        return reply;
    }
    const std::lock_guard lock(m_mutex);
    if (m_heldBytes < 0) return std::nullopt;
    Reply reply = m_repository.bytesReply(request);
    reply.holdsAfter = static_cast<std::size_t>(m_heldBytes);
    return reply;
}

}  // namespace sotto::app
