// Whose importance matrix is looked for, which of a hub's files are some, and which come first.
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "app/core/hub/hub_entries.h"
#include "app/core/hub/published_importance.h"
#include "engine/gguf/gguf_writer.h"
#include "tests/net/net_fixture.h"
#include "tests/support/hub/hub_repository.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;
using nlohmann::json;

namespace {

struct HubRow {
    std::string repository;
    std::string base;  // empty: its card names none
    std::uint64_t nDownloads = 0;
    std::vector<std::string> files;
    bool isGated = false;
    bool isTellingFiles = true;
    std::uint64_t fileBytes = 1000;
};

json foundOf(const HubRow& row) {
    json model{{"id", row.repository},
               {"downloads", row.nDownloads},
               {"sha", std::string(40, 'c')},
               {"gated", row.isGated ? json("manual") : json(false)},
               {"tags", {"gguf"}}};
    if (!row.base.empty()) model["cardData"] = {{"base_model", row.base}};
    for (const std::string& path : row.files)
        if (row.isTellingFiles) model["siblings"].push_back({{"rfilename", path}});
    return model;
}

json treeOf(const HubRow& row) {
    json tree = json::array();
    for (const std::string& path : row.files)
        tree.push_back({{"type", "file"},
                        {"path", path},
                        {"size", row.fileBytes},
                        {"oid", std::string(40, '0')},
                        {"lfs", {{"oid", std::string(64, 'a')}, {"size", row.fileBytes}}}});
    return tree;
}

// A hub that has these repositories, whatever is searched for.
struct Field {
    HubRepository hub;
    NetFixture fixture;
    std::unique_ptr<net::HubClient> client;
    std::string refused;  // its files cannot be listed

    explicit Field(std::vector<HubRow> rows) {
        client = std::move(*net::HubClient::create(*fixture.network,
                                                   {.endpoint = hub.endpoint(), .nAttempts = 1}));
        hub.bendHub(
            [this, rows = std::move(rows)](const ServedRequest& request) -> std::optional<Reply> {
                if (request.path() == "/api/models") {
                    json found = json::array();
                    for (const HubRow& row : rows) found.push_back(foundOf(row));
                    return Reply{.body = found.dump()};
                }
                for (const HubRow& row : rows)
                    if (request.path().starts_with("/api/models/" + row.repository + "/tree/"))
                        return row.repository == refused ? Reply{.status = 404}
                                                         : Reply{.body = treeOf(row).dump()};
                return std::nullopt;
            });
    }
    Result<std::vector<PublishedImportance>> find(const std::string& model) {
        return findPublishedImportance(*client, model, fixture.never);
    }
    std::vector<std::string> targets() {
        std::vector<std::string> targets;
        for (const ServedRequest& request : hub.hub().requests()) targets.push_back(request.target);
        return targets;
    }
};

// "owner/name: file" of each, in order.
QStringList told(const Result<std::vector<PublishedImportance>>& found) {
    QStringList lines;
    if (!found) return lines;
    for (const PublishedImportance& one : *found)
        lines.append(QString::fromStdString(one.repository + ": " + one.file.path));
    return lines;
}

}  // namespace

class PublishedImportanceTest : public QObject {
    Q_OBJECT
private slots:
    void names_tellMatrices_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("isMatrix");
        const auto row = [](const char* path, bool isMatrix) {
            QTest::newRow(path) << QString::fromUtf8(path) << isMatrix;
        };
        row("imatrix.dat", true);
        row("Qwen3-8B.imatrix.gguf", true);
        row("Qwen_Qwen3-8B-imatrix.gguf", true);
        row("imatrix_unsloth.gguf_file", true);
        row("imatrix_unsloth.dat", true);
        row("Meta-Llama-3.1-8B-Instruct.imatrix", true);
        row("imatrix-Qwen3-30B-A3B-Q8_0.dat", true);
        row("imatrix-Q8_0.gguf", true);
        row("matrices/IMATRIX.DAT", true);
        row("Qwen3-8B-Q4_K_M-imatrix.gguf", false);  // quantized with one
        row("imatrix/Qwen3-8B-Q4_K_M.gguf", false);
        row("imatrix.txt", false);
        row("calibration_datav3.txt", false);
        row("Qwen3-8B.i1-Q4_K_M.gguf", false);
        row("data.dat", false);
    }
    void names_tellMatrices() {
        QFETCH(QString, path);
        QFETCH(bool, isMatrix);
        QCOMPARE(isImportancePath(path.toStdString()), isMatrix);
    }

    void model_isKnownByWhatTheFileSays_data() {
        QTest::addColumn<QStringList>("keys");  // name, base, size, finetune, address, base's
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("model");
        const auto row = [](const char* name, QStringList keys, const char* path,
                            const char* model) {
            keys.resize(6);
            QTest::newRow(name) << keys << QString::fromUtf8(path) << QString::fromUtf8(model);
        };
        row("name", {"Qwen3 8B"}, "/m/x.gguf", "Qwen3-8B");
        row("base is the model",
            {"Qwen3 8B", "", "", "", "", "https://huggingface.co/Qwen/Qwen3-8B"}, "/m/x.gguf",
            "Qwen/Qwen3-8B");
        row("base is its parent",
            {"Qwen3 8B", "", "", "", "", "https://huggingface.co/Qwen/Qwen3-8B-Base"}, "/m/x.gguf",
            "Qwen3-8B");
        row("parts of a name",
            {"", "Llama-3.2", "1B", "Instruct",
             "https://huggingface.co/meta-llama/"
             "Llama-3.2-1B-Instruct/"},
            "/m/x.gguf", "meta-llama/Llama-3.2-1B-Instruct");
        row("an owner is no model", {"Qwen3-8B", "", "", "", "https://huggingface.co/unsloth"},
            "/m/x.gguf", "Qwen3-8B");
        row("nothing", {}, "/m/Qwen3-8B-f16-00001-of-00002.gguf", "Qwen3-8B");
        row("nothing, no type", {}, "/m/mine.gguf", "mine");
    }
    void model_isKnownByWhatTheFileSays() {
        QFETCH(QStringList, keys);
        QFETCH(QString, path);
        QFETCH(QString, model);
        const auto key = [&keys](int index) { return keys[index].toStdString(); };
        const ModelOrigin origin{key(0), key(1), key(2), key(3), key(4), key(5)};
        QCOMPARE(QString::fromStdString(modelLookedFor(origin, path.toStdString())), model);
    }

    void file_tellsItsOrigin() {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("f16.gguf").toStdString();
        GgufWriter writer = describeTinyModel({});
        writer.addValue("general.name", std::string("Tiny 1B"));
        writer.addValue("general.base_model.0.repo_url",
                        std::string("https://huggingface.co/acme/Tiny-1B"));
        VERIFY_OK(writer.write(path, tinyWeights(writer, 1)));
        const auto origin = readModelOrigin(path);
        VERIFY_OK(origin);
        QCOMPARE(modelLookedFor(*origin, path), std::string("acme/Tiny-1B"));
        COMPARE_ERROR(readModelOrigin(folder.filePath("gone").toStdString()),
                      ErrorCode::FileNotFound);
        // A folder in another program's cache is called by its repository.
        const QString cached = folder.filePath("models--acme--Tiny-2B/snapshots/0123456789abcdef");
        QVERIFY(QDir().mkpath(cached));
        const auto none = readModelOrigin(cached.toStdString());
        VERIFY_OK(none);
        QCOMPARE(modelLookedFor(*none, cached.toStdString()), std::string("acme/Tiny-2B"));
    }

    void thoseOfTheModel_comeBestFirst() {
        Field field({{"few/Tiny-1B-GGUF", "acme/Tiny-1B", 10, {"imatrix.dat", "a-Q4_0.gguf"}},
                     {"copy/Tiny-1B-GGUF", "copy/tiny_1b", 900, {"imatrix.dat"}},
                     {"many/Tiny-1B-i1-GGUF", "acme/Tiny-1B", 500, {"Tiny-1B.imatrix.gguf"}},
                     {"asked/Tiny-1B-GGUF", "acme/Tiny-1B", 9000, {"imatrix.gguf"}, true},
                     {"none/Tiny-1B-GGUF", "acme/Tiny-1B", 8000, {"a-Q4_0.gguf"}},
                     {"other/Tiny-2B-GGUF", "acme/Tiny-2B", 7000, {"imatrix.dat"}},
                     {"bare/Tiny-1B-i1-GGUF", "", 5, {"imatrix.dat"}},
                     {"bare/Tiny-1B-Chat-GGUF", "", 6000, {"imatrix.dat"}},
                     {"silent/Tiny-1B-GGUF", "acme/Tiny-1B", 1, {"imatrix.dat"}, false, false},
                     {"large/Tiny-1B-GGUF",
                      "acme/Tiny-1B",
                      400,
                      {"Tiny-1B-imatrix.gguf"},
                      false,
                      true,
                      std::uint64_t{80} << 30}});
        const QStringList wanted{
            "many/Tiny-1B-i1-GGUF: Tiny-1B.imatrix.gguf", "few/Tiny-1B-GGUF: imatrix.dat",
            "silent/Tiny-1B-GGUF: imatrix.dat",           "copy/Tiny-1B-GGUF: imatrix.dat",
            "bare/Tiny-1B-i1-GGUF: imatrix.dat",          "asked/Tiny-1B-GGUF: imatrix.gguf"};
        const auto found = field.find("acme/Tiny-1B");
        VERIFY_OK(found);
        QCOMPARE(told(found), wanted);
        QCOMPARE(found->front().commit, std::string(40, 'c'));
        QCOMPARE(found->front().nDownloads, std::uint64_t{500});
        QCOMPARE(found->front().file.nBytes, std::uint64_t{1000});
        QVERIFY(found->back().isGated && !found->front().isGated);
        // By the repository as its base, and by its name; the ledger has both before they are sent.
        const auto targets = field.targets();
        QVERIFY2(
            targets[0].find("filter=base_model%3Aquantized%3Aacme%2FTiny-1B") != std::string::npos,
            targets[0].c_str());
        QVERIFY2(targets[1].find("search=Tiny-1B") != std::string::npos, targets[1].c_str());
        // Without an owner any owner's is as good.
        QCOMPARE(told(field.find("tiny 1b")).front(),
                 QStringLiteral("copy/Tiny-1B-GGUF: imatrix.dat"));
    }

    void repositoryThatCannotBeListed_isLeftOut() {
        Field field({{"gone/Tiny-1B-GGUF", "acme/Tiny-1B", 10, {"imatrix.dat"}},
                     {"there/Tiny-1B-GGUF", "acme/Tiny-1B", 5, {"imatrix.dat"}}});
        field.refused = "gone/Tiny-1B-GGUF";
        QCOMPARE(told(field.find("Tiny-1B")), QStringList{"there/Tiny-1B-GGUF: imatrix.dat"});
    }

    void nothing_isNoError() {
        Field field({{"other/Tiny-2B-GGUF", "acme/Tiny-2B", 7000, {"imatrix.dat"}}});
        const auto none = field.find("Tiny-1B");
        VERIFY_OK(none);
        QVERIFY(none->empty());
        // A name without a letter is asked of nobody.
        const std::size_t nAsked = field.targets().size();
        VERIFY_OK(field.find(" -/- "));
        QCOMPARE(field.targets().size(), nAsked);
    }

    void offline_isTold() {
        Field field({});
        field.fixture.network->setOffline(true);
        COMPARE_ERROR(field.find("Tiny-1B"), ErrorCode::Offline);
        QVERIFY(field.targets().empty());
    }
};

QTEST_GUILESS_MAIN(PublishedImportanceTest)
#include "published_importance_test.moc"
