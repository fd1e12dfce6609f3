// Duplicates: what is the same file, what only looks like it, and what is read again.
#include "app/core/model_twins.h"

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <fstream>
#include <thread>

#include "app/core/job_runner.h"

using namespace sotto;
using namespace sotto::app;
namespace fs = std::filesystem;

namespace {

using Models = std::vector<std::vector<fs::path>>;

}  // namespace

class ModelTwinsTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_root = m_folder->path().toStdString();
    }

    void sameContent_isFoundAndCounted() {
        const Models models{{put("a.gguf", "same")},
                            {put("b.gguf", "other")},
                            {put("sub/c.gguf", "same")},
                            {put("d.gguf", "diff")}};  // as large as the first
        const auto found = find(models);
        QCOMPARE(found.size(), 1u);
        QCOMPARE(found[0].nBytes, std::uint64_t{4});
        QCOMPARE(found[0].models, (std::vector<std::size_t>{0, 2}));
    }

    void theLargest_comeFirst() {
        const auto found =
            find({{put("a", "xx")}, {put("b", "xx")}, {put("c", "yyyy")}, {put("d", "yyyy")}});
        QCOMPARE(found.size(), 2u);
        QCOMPARE(found[0].nBytes, std::uint64_t{4});
    }

    // A blob of Ollama or of the Hugging Face cache under a second name takes no room.
    void namesOfOneFile_areNoDuplicates() {
        const fs::path blob = put("blobs/sha256-1", "content");
        fs::create_symlink(blob, m_root / "model.gguf");
        fs::create_hard_link(blob, m_root / "hard.gguf");
        QVERIFY(find({{blob}, {m_root / "model.gguf"}, {m_root / "hard.gguf"}}).empty());
        QCOMPARE(find({{blob}, {m_root / "hard.gguf"}, {put("copy.gguf", "content")}})[0].models,
                 (std::vector<std::size_t>{0, 2}));
    }

    void splitModels_areComparedPartByPart() {
        QCOMPARE(
            find({{put("a1", "xx"), put("a2", "yyy")}, {put("b1", "xx"), put("b2", "yyy")}}).size(),
            1u);
        // The same bytes, cut elsewhere, are another model's files.
        QVERIFY(find({{put("c1", "xx"), put("c2", "yyy")}, {put("d1", "xxy"), put("d2", "yy")}})
                    .empty());
    }

    void whatCannotBeRead_isLeftOut() {
        QVERIFY(
            find({{m_root / "gone"}, {m_root / "gone too"}, {put("empty", "")}, {put("none", "")}})
                .empty());
    }

    // What was read is not read again, unless it was written to.
    void hashes_areRemembered() {
        const Models models{{put("a", "same")}, {put("b", "same")}};
        QCOMPARE(find(models).size(), 1u);
        QCOMPARE(m_total, std::uint64_t{8});
        QCOMPARE(find(models).size(), 1u);
        QCOMPARE(m_total, std::uint64_t{0});
        put("b", "diff");
        fs::last_write_time(m_root / "b",
                            fs::last_write_time(m_root / "a") + std::chrono::seconds(5));
        QVERIFY(find(models).empty());
        QCOMPARE(m_total, std::uint64_t{4});
    }

    void aBrokenCache_isReadAnew() {
        const Models models{{put("a", "same")}, {put("b", "same")}};
        put("hashes.json",
            "{\"format\": 1, \"hashes\": [7, {\"file\": \"x\", \"sha256\": \"short\"}]}");
        QCOMPARE(find(models).size(), 1u);
        QCOMPARE(m_total, std::uint64_t{8});
    }

    void cancelling_ends() {
        JobRunner runner;
        const Models models{{put("a", "same")}, {put("b", "same")}};
        Result<std::vector<ModelTwins>> outcome = fail(ErrorCode::Internal, "none");
        std::atomic<bool> isRunning = false;
        const JobId id = runner.start(
            {},
            [&](JobContext& context) -> Result<std::vector<ModelTwins>> {
                isRunning = true;
                while (!context.isCancelled()) std::this_thread::yield();
                HashStore store{m_root / "hashes.json"};
                return findTwins(models, store, context);
            },
            [&](Result<std::vector<ModelTwins>> twins) { outcome = std::move(twins); });
        QTRY_VERIFY(isRunning.load());
        runner.cancelAndWait(id);
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().code, ErrorCode::Cancelled);
    }

private:
    fs::path put(const std::string& name, const std::string& content) {
        const fs::path path = m_root / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    std::vector<ModelTwins> find(const Models& models) {
        HashStore store{m_root / "hashes.json"};
        JobContext context;
        auto found = findTwins(models, store, context);
        m_total = context.progress().total;
        if (!found) qFatal("%s", found.error().message.c_str());
        return std::move(*found);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_root;
    std::uint64_t m_total = 0;  // bytes that had to be read
};

QTEST_GUILESS_MAIN(ModelTwinsTest)
#include "model_twins_test.moc"
