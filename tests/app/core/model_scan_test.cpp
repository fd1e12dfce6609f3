#include "app/core/model_scan.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using sotto::app::ModelFile;
using sotto::app::scanModels;
namespace fs = std::filesystem;

class ModelScanTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_root = m_folder->path().toStdString();
    }

    void scanModels_findsFilesByEndingInAnyCaseSorted() {
        write("b.gguf", 20);
        write("sub/A.GGUF", 10);
        write("notes.txt", 5);
        write("gguf", 5);
        write(".gguf", 5);
        // On its way, and set aside.
        write("c.gguf.part", 9);
        write("d.gguf.damaged", 9);
        fs::create_directories(m_root / "folder.gguf");
        const auto models = scanModels({m_root});
        QCOMPARE(models.size(), std::size_t{2});
        QCOMPARE(models[0].path, m_root / "b.gguf");
        QCOMPARE(models[0].sizeBytes, std::uint64_t{20});
        QVERIFY(models[0].modifiedAtMs > 1700000000000);
        QCOMPARE(models[1].path, m_root / "sub" / "A.GGUF");
    }

    void scanModels_countsTheShardsOfASplitOnce() {
        write("m-00001-of-00003.gguf", 100);
        write("m-00002-of-00003.gguf", 200);
        write("m-00003-of-00003.gguf", 50);
        write("part-00001-of-00002.gguf", 7);
        write("headless-00002-of-00002.gguf", 9);
        // Names that only look like shards are whole files.
        write("x-00003-of-00002.gguf", 1);
        write("x-0001-of-0002.gguf", 1);
        write("-00001-of-00001.gguf", 1);
        const auto models = scanModels({m_root});
        QCOMPARE(models.size(), std::size_t{5});
        const ModelFile& whole = at(models, "m-00001-of-00003.gguf");
        QCOMPARE(whole.sizeBytes, std::uint64_t{350});
        QCOMPARE(whole.nShards, 3);
        QCOMPARE(whole.nShardsFound, 3);
        const ModelFile& incomplete = at(models, "part-00001-of-00002.gguf");
        QCOMPARE(incomplete.nShards, 2);
        QCOMPARE(incomplete.nShardsFound, 1);
        QCOMPARE(at(models, "x-00003-of-00002.gguf").nShards, 1);
    }

    void scanModels_listsAFileOnceWhenFoldersOverlap() {
        write("sub/a.gguf", 1);
        QCOMPARE(scanModels({m_root, m_root / "sub", m_root}).size(), std::size_t{1});
    }

    void scanModels_stopsFourLevelsDown() {
        write("1/2/3/4/seen.gguf", 1);
        write("1/2/3/4/5/deep.gguf", 1);
        const auto models = scanModels({m_root});
        QCOMPARE(models.size(), std::size_t{1});
        QCOMPARE(models[0].path.filename().string(), std::string("seen.gguf"));
    }

    void scanModels_forgivesMissingFoldersAndBrokenLinks() {
        QCOMPARE(scanModels({m_root / "missing", {}}).size(), std::size_t{0});
        write("blobs/abc", 30);
        write("real.gguf", 3);
#ifndef _WIN32
        fs::create_symlink(m_root / "nowhere", m_root / "broken.gguf");
        fs::create_symlink(m_root / "blobs" / "abc", m_root / "linked.gguf");
        fs::create_directory_symlink(m_root, m_root / "loop");
        const auto models = scanModels({m_root});
        QCOMPARE(models.size(), std::size_t{2});
        QCOMPARE(at(models, "linked.gguf").sizeBytes, std::uint64_t{30});
#endif
    }

    void scanModels_leavesOutPartsAndUnfinishedDownloads() {
        write("mmproj-model-f16.gguf", 1);
        write("incomplete-model.gguf", 1);
        write("model.gguf.part", 1);
        write("imatrix_of.gguf", 1);
        write("model.imatrix.gguf", 1);
        write("model.gguf", 1);
        write("model-Q4_K_M-imatrix.gguf", 1);
        write("model.imatrix/owner/repository/Model-imatrix.gguf", 1);
        QCOMPARE(scanModels({m_root}).size(), std::size_t{2});
    }

    void scanModels_listsAFileOnceThatLinksLeadTo() {
#ifndef _WIN32
        // Two revisions of one repository in the Hugging Face cache.
        write("models--o--n/blobs/abc", 30);
        for (const char* commit : {"1111", "2222"}) {
            const fs::path folder = m_root / "models--o--n/snapshots" / commit;
            fs::create_directories(folder);
            fs::create_symlink("../../blobs/abc", folder / "model.gguf");
        }
        const auto models = scanModels({m_root});
        QCOMPARE(models.size(), std::size_t{1});
        QCOMPARE(models[0].path, m_root / "models--o--n/snapshots/1111/model.gguf");
        QCOMPARE(models[0].sizeBytes, std::uint64_t{30});
#endif
    }

    void scanModels_stopsBetweenTwoFiles() {
        for (int index = 0; index < 50; ++index)
            write(("m" + std::to_string(index) + ".gguf").c_str(), 1);
        int nAsked = 0;
        const auto models = scanModels({m_root, m_root}, [&nAsked] { return ++nAsked > 5; });
        QVERIFY(models.size() <= 5);
        QVERIFY(nAsked <= 7);  // not once more for each of the others
        QCOMPARE(scanModels({m_root}, [] { return true; }).size(), std::size_t{0});
    }

    void scanModels_readsOllamasManifests() {
        const std::string good(64, 'a'), other(64, 'b'), gone(64, 'c');
        write(("ollama/blobs/sha256-" + good).c_str(), 40);
        write(("ollama/blobs/sha256-" + other).c_str(), 50);
        write("secret", 60);
        const std::string library = "ollama/manifests/registry.ollama.ai/library/";
        writeManifest(library + "llama3.2/3b", "sha256:" + good);
        writeManifest(library + "gone/latest", "sha256:" + gone);
        writeManifest(library + "evil/latest", "sha256:../../../../secret");
        writeManifest("ollama/manifests/hf.co/owner/model/Q4_K_M", "sha256:" + other);
        writeText(library + "broken/latest", "{\"layers\": [3, {}, {\"digest\": 1}]");
        writeText(library + "broken/other", "[1]");
        const auto models = scanModels({m_root});
        QCOMPARE(models.size(), std::size_t{2});
        QCOMPARE(models[0].name, std::string("llama3.2:3b"));
        QCOMPARE(models[0].path, m_root / ("ollama/blobs/sha256-" + good));
        QCOMPARE(models[0].sizeBytes, std::uint64_t{40});
        QCOMPARE(models[1].name, std::string("hf.co/owner/model:Q4_K_M"));
        QCOMPARE(scanModels({m_root / "ollama"}).size(), std::size_t{2});
    }

#ifndef _WIN32
    // A disk that fails in the middle of a list costs that list, not the others.
    void scanModels_passesOverAListThatCannotBeRead() {
        const fs::path failing = "/sys/class/net/lo/speed";  // has 4096 bytes, and no reading
        if (!fs::exists(failing)) QSKIP("this system has no such file");
        write("jan/one/model.gguf", 5);
        fs::create_symlink(failing, m_root / "jan/one/model.yml");
        fs::create_directories(m_root / "ollama/manifests/host");
        fs::create_directories(m_root / "ollama/blobs");
        fs::create_symlink(failing, m_root / "ollama/manifests/host/tag");
        write("other/model.gguf", 5);
        QCOMPARE(scanModels({m_root}).size(), std::size_t{2});
    }
#endif

    void scanModels_readsJansNames() {
        write("jan/org/one/model.gguf", 5);
        writeText("jan/org/one/model.yml",
                  "name: \"One 4B\"\nmodel_path: llamacpp/models/org/one/model.gguf\r\nsize: 5\n");
        write("elsewhere/two.gguf", 6);
        writeText("jan/two/model.yml",
                  "model_path: " + (m_root / "elsewhere/two.gguf").string() + "\nname: Two\n");
        writeText("jan/three/model.yml", "model_path: /not/there.gguf\n");
        const auto models = scanModels({m_root / "jan"});
        QCOMPARE(models.size(), std::size_t{2});
        QCOMPARE(models[0].name, std::string("Two"));
        QCOMPARE(models[1].name, std::string("One 4B"));
        QCOMPARE(models[1].path, m_root / "jan/org/one/model.gguf");
    }

private:
    void writeText(const std::string& name, const std::string& text) {
        write(name.c_str(), 0);
        std::ofstream(m_root / name) << text;
    }
    void writeManifest(const std::string& name, const std::string& digest) {
        const std::string kind = "\"mediaType\": \"application/vnd.ollama.image.";
        writeText(name, "{\"layers\": [{" + kind + "license\", \"digest\": \"sha256:00\"}, {" +
                            kind + "model\", \"digest\": \"" + digest + "\"}]}");
    }
    void write(const char* name, std::size_t size) {
        const fs::path path = m_root / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << std::string(size, 'x');
    }
    static const ModelFile& at(const std::vector<ModelFile>& models, const char* name) {
        for (const ModelFile& model : models) {
            if (model.path.filename() == name) return model;
        }
        static const ModelFile kNone;
        return kNone;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_root;
};

QTEST_APPLESS_MAIN(ModelScanTest)
#include "model_scan_test.moc"
