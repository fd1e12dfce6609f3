// The weights of a folder: one file or several by an index, and what is told where some are
// missing.
#include "engine/hf/checkpoint.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>

#include "tests/support/golden_files.h"
#include "tests/support/raw_safetensors.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

test::RawSafetensors oneTensor(const std::string& name) {
    return {{{name, "F32", {2}, test::bytesOf({1, 2})}}};
}

constexpr const char* kIndex =
    "{'metadata':{'total_size':16},'weight_map':{'a':'model-00001-of-00002.safetensors',"
    "'b':'model-00002-of-00002.safetensors'}}";

}  // namespace

class CheckpointTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder->path().toStdString()) / name; }
    void writeParts() const {
        QVERIFY(test::writeJson(at("model.safetensors.index.json"), kIndex));
        QVERIFY(test::writeBytes(at("model-00001-of-00002.safetensors"), oneTensor("a").bytes()));
        QVERIFY(test::writeBytes(at("model-00002-of-00002.safetensors"), oneTensor("b").bytes()));
    }
    void expectRefusal(ErrorCode code, const char* sentence) const {
        const auto checkpoint = Checkpoint::open(at(""));
        QVERIFY(!checkpoint.has_value());
        QVERIFY2(checkpoint.error().message.find(sentence) != std::string::npos,
                 checkpoint.error().message.c_str());
        QCOMPARE(checkpoint.error().code, code);
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void oneFile_isRead() {
        QVERIFY(test::writeBytes(at("model.safetensors"), oneTensor("a").bytes()));
        const auto checkpoint = Checkpoint::open(at(""));
        QVERIFY(checkpoint.has_value());
        QVERIFY(checkpoint->find("a") != nullptr);
        QVERIFY(checkpoint->find("b") == nullptr);
        QVERIFY(checkpoint->check().has_value());
    }

    void parts_areOneCheckpoint() {
        writeParts();
        const auto checkpoint = Checkpoint::open(at(""));
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QVERIFY(checkpoint->find("a") != nullptr && checkpoint->find("b") != nullptr);
        QCOMPARE(checkpoint->files().size(), std::size_t{3});
    }

    void missingPart_isNamed() {
        writeParts();
        fs::remove(at("model-00002-of-00002.safetensors"));
        expectRefusal(ErrorCode::FileNotFound,
                      "the part model-00002-of-00002.safetensors of the model is missing");
    }

    void indexThatSaysOtherwise_isTold() {
        writeParts();
        QVERIFY(test::writeBytes(at("model-00002-of-00002.safetensors"), oneTensor("c").bytes()));
        expectRefusal(ErrorCode::FileDamaged, "it has no tensor 'b'");
        QVERIFY(test::writeBytes(at("model-00002-of-00002.safetensors"), oneTensor("a").bytes()));
        expectRefusal(ErrorCode::FileDamaged, "two parts of the model have a tensor 'a'");
    }

    void indexThatLeadsElsewhere_isRefused() {
        for (const char* place : {"../model.safetensors", "/etc/passwd", "a\\\\b", "", ".."}) {
            const std::string index = std::string("{'weight_map':{'a':'") + place + "'}}";
            QVERIFY(test::writeJson(at("model.safetensors.index.json"), index));
            expectRefusal(ErrorCode::FileDamaged, "'a' is in no file of this folder");
        }
        QVERIFY(test::writeJson(at("model.safetensors.index.json"), "{'weight_map':[]}"));
        expectRefusal(ErrorCode::FileDamaged, "it does not say which file holds what");
    }

    void folderWithoutWeights_saysWhatToDo() {
        expectRefusal(ErrorCode::FileNotFound, "has no weights: put its model.safetensors");
        QVERIFY(test::writeText(at("pytorch_model.bin"), "x"));
        expectRefusal(ErrorCode::Unsupported, "are in pytorch_model.bin");
    }

    void fileThatShrinks_isToldBeforeItIsRead() {
        QVERIFY(test::writeBytes(at("model.safetensors"), oneTensor("a").bytes()));
        const auto checkpoint = Checkpoint::open(at(""));
        QVERIFY(checkpoint.has_value());
        fs::resize_file(at("model.safetensors"), 10);
        const Status status = checkpoint->check();
        QVERIFY(!status.has_value());
        QVERIFY(status.error().message.find("shrank") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(CheckpointTest)
#include "checkpoint_test.moc"
