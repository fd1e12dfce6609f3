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

private:
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
