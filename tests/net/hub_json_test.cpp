// The hub's JSON, in the forms that hubs send and in forms that none should.
#include "net/hub/hub_json.h"

#include <QtTest>

using namespace sotto::net;

namespace {

// As huggingface.co answers a search with `expand`.
constexpr const char* kModels = R"([
  {"_id": "66", "id": "acme/Tiny-1B-GGUF", "author": "acme", "downloads": 12345, "likes": 67,
   "trendingScore": 8, "gated": "manual", "sha": "0123456789abcdef0123456789abcdef01234567",
   "createdAt": "2026-08-01T10:00:00.000Z", "lastModified": "2026-09-02T11:00:00.000Z",
   "cardData": {"license": "other", "license_name": "acme-community",
                "base_model": ["acme/Tiny-1B", "acme/Tiny-1B-base"]},
   "tags": ["gguf", "license:other", "base_model:quantized:acme/Tiny-1B", "region:us"],
   "gguf": {"total": 1235814432, "architecture": "llama", "context_length": 131072,
            "chat_template": "{{ x }}", "bos_token": "<s>", "totalFileSize": 9000000000},
   "siblings": [{"rfilename": "README.md"}, {"rfilename": "Tiny-1B-Q4_K_M.gguf"},
                {"rfilename": "../../evil"}]},
  {"id": "b/c", "gated": false, "tags": ["license:apache-2.0", "base_model:quantized:b/base"]},
  {"modelId": "older/hub", "gated": true, "cardData": {"license": ["mit"], "base_model": "x/y"}},
  {"id": "no name at all"}, {"id": 7}, null, [], "text"
])";

constexpr const char* kTree = R"([
  {"type": "directory", "oid": "3f", "size": 0, "path": "Q4_K_M"},
  {"type": "file", "oid": "0123456789012345678901234567890123456789", "size": 1519, "path": ".gitattributes"},
  {"type": "file", "oid": "aa", "size": 134, "path": "Q4_K_M/tiny-00001-of-00002.gguf",
   "lfs": {"oid": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 4999999999,
           "pointerSize": 135}, "xetHash": "bb"},
  {"type": "file", "oid": "0123456789012345678901234567890123456789", "size": 1, "path": "../x.gguf"},
  {"type": "file", "oid": "0123456789012345678901234567890123456789", "size": 1, "path": "CON.gguf"},
  {"type": "file", "size": -5, "path": "odd.gguf", "lfs": {"oid": "not hex", "size": "many"}}
])";

}  // namespace

class HubJsonTest : public QObject {
    Q_OBJECT

private slots:
    void models() {
        const auto models = parseModels(kModels);
        QVERIFY(models);
        QCOMPARE(models->size(), 3u);
        const HubModel& first = models->at(0);
        QCOMPARE(first.repository, std::string("acme/Tiny-1B-GGUF"));
        QCOMPARE(first.author, std::string("acme"));
        QCOMPARE(first.nDownloads, 12345u);
        QCOMPARE(first.nLikes, 67u);
        QCOMPARE(first.trendingScore, 8.0);
        QVERIFY(first.gate == HubGate::Manual);
        QCOMPARE(first.license, std::string("acme-community"));
        QCOMPARE(first.baseModels.size(), 2u);
        QCOMPARE(first.nParameters, 1235814432u);
        QCOMPARE(first.contextLength, 131072u);
        QCOMPARE(first.architecture, std::string("llama"));
        QCOMPARE(first.createdAt, std::string("2026-08-01T10:00:00.000Z"));
        // A path that leads elsewhere is not told on.
        QCOMPARE(first.files, (std::vector<std::string>{"README.md", "Tiny-1B-Q4_K_M.gguf"}));

        const HubModel& second = models->at(1);
        QCOMPARE(second.author, std::string("b"));
        QCOMPARE(second.license, std::string("apache-2.0"));
        QCOMPARE(second.baseModels, std::vector<std::string>{"b/base"});
        QVERIFY(second.gate == HubGate::Open);
        QCOMPARE(second.nParameters, 0u);

        const HubModel& third = models->at(2);
        QCOMPARE(third.repository, std::string("older/hub"));
        QCOMPARE(third.license, std::string("mit"));
        QVERIFY(third.gate == HubGate::Manual);
    }

    void tree() {
        const auto files = parseTree(kTree);
        QVERIFY(files);
        QCOMPARE(files->size(), 3u);
        QCOMPARE(files->at(0).path, std::string(".gitattributes"));
        QCOMPARE(files->at(0).blobSha1, std::string("0123456789012345678901234567890123456789"));
        QVERIFY(files->at(0).sha256.empty());
        QCOMPARE(files->at(1).nBytes, 4999999999u);
        QCOMPARE(files->at(1).sha256.size(), 64u);
        QVERIFY(files->at(1).blobSha1.empty());
        // What is no hash and no size is not there.
        QVERIFY(files->at(2).sha256.empty() && files->at(2).blobSha1.empty());
        QCOMPARE(files->at(2).nBytes, 0u);
    }

    void whatIsNoAnswer_isNothing_data() {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "{}", "null", "[", "<html>", "{\"error\": \"x\"}", "[1,"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("deep") << QByteArray(100'000, '[');
        QTest::newRow("not UTF-8") << QByteArray("[\"\xff\"]");
    }
    void whatIsNoAnswer_isNothing() {
        QFETCH(QByteArray, text);
        QVERIFY(!parseModels(text.toStdString()));
        QVERIFY(!parseTree(text.toStdString()));
    }

    void anEmptyList_isAnAnswer() {
        QCOMPARE(parseModels("[]")->size(), 0u);
        QCOMPARE(parseTree("[]")->size(), 0u);
    }

    // Nested deeper than a stack would hold, but whole.
    void depth_isNoDanger() {
        const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
        QCOMPARE(parseModels(deep)->size(), 0u);
        QCOMPARE(parseTree(deep)->size(), 0u);
    }
};

QTEST_GUILESS_MAIN(HubJsonTest)
#include "hub_json_test.moc"
