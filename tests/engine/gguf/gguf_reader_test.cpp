// The reader on files that are right: small ones built byte by byte, and those of tests/golden and
// the shared data, written by another program.
#include "engine/gguf/gguf_reader.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/gguf_invariants.h"
#include "tests/support/golden_files.h"
#include "tests/support/raw_gguf.h"
#include "tests/support/shared_data.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = SOTTO_GOLDEN_DIR;

std::vector<fs::path> ggufFilesBelow(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".gguf") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

class GgufReaderTest : public QObject {
    Q_OBJECT

    // Opens every GGUF below `folder`; returns how many were accepted, or -1 after a failure.
    int openAll(const fs::path& folder) {
        int nAccepted = 0;
        for (const fs::path& path : ggufFilesBelow(folder)) {
            const auto file = GgufFile::open(path);
            if (!file) {
                qWarning("%s: %s", path.string().c_str(), file.error().message.c_str());
                return -1;
            }
            const auto bytes = MappedFile::open(path);
            const GgufMetadata& keys = file->metadata();
            const bool isNamed =
                !keys.string("general.architecture").value_or("").empty() ||
                keys.string("general.type").value_or("") == "imatrix";  // of no architecture
            if (!bytes || file->fileBytes() != bytes->bytes().size() || !file->verifySizes() ||
                !isNamed) {
                qWarning("%s was read wrongly", path.string().c_str());
                return -1;
            }
            ++nAccepted;
        }
        return nAccepted;
    }

private slots:
    // llama.cpp's own files have powers of two; some writers take any multiple of eight.
    void parse_takesAnyAlignmentOfWholeWords() {
        for (const std::uint32_t alignment : {8u, 24u, 40u, 1000u}) {
            test::RawGguf raw;
            raw.pairs.push_back(test::rawU32("general.alignment", alignment));
            raw.alignment = alignment;
            raw.tensors = {{"a", {2}, 0, 0, {}}, {"b", {1}, 0, alignment, {}}};
            raw.data.assign(alignment + 4, std::byte(7));
            raw.data[alignment] = std::byte(9);
            const std::vector<std::byte> bytes = raw.bytes();
            const auto file = GgufFile::parse(bytes, "raw.gguf");
            QVERIFY2(file, file ? "" : file.error().message.c_str());
            QCOMPARE(file->find("b")->bytes.front(), std::byte(9));
        }
    }

    void parse_readsEveryFieldOfARawFile() {
        const auto bytes = test::RawGguf().bytes();
        const auto file = GgufFile::parse(bytes, "raw.gguf");
        QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());
        QCOMPARE(file->version(), 3u);
        QCOMPARE(file->shardCount(), std::size_t{1});
        QCOMPARE(file->fileBytes(), std::uint64_t{bytes.size()});
        QVERIFY(file->metadata().string("general.architecture") == "llama");
        QVERIFY(file->metadata().unsignedInteger("llama.block_count") == 7u);
        QCOMPARE(file->tensors().size(), std::size_t{2});

        const GgufTensor* const one = file->find("one");
        QVERIFY(one != nullptr);
        QCOMPARE(one->type, DType::F32);
        QVERIFY((one->shape == std::vector<std::int64_t>{4, 2}));
        QCOMPARE(one->byteSize, std::uint64_t{32});
        QCOMPARE(one->bytes[5], std::byte{5});
        QCOMPARE(one->matrix().nRows, std::int64_t{2});
        const GgufTensor* const two = file->find("two");
        QVERIFY(two != nullptr);
        QCOMPARE(two->byteSize, std::uint64_t{34});
        QCOMPARE(two->bytes[0], std::byte{32});  // offset 32 of the data section
        QVERIFY(file->find("three") == nullptr);
        QCOMPARE(test::brokenInvariant(*file, bytes), std::string());
    }

    void parse_acceptsWhatTheFormatAllows() {
        test::RawGguf versionTwo;
        versionTwo.version = 2;
        const auto versionTwoBytes = versionTwo.bytes();
        QCOMPARE(GgufFile::parse(versionTwoBytes, "v2")->version(), 2u);

        test::RawGguf vocabularyOnly;
        vocabularyOnly.tensors.clear();
        vocabularyOnly.data.clear();
        auto bytes = vocabularyOnly.bytes();
        bytes.resize(vocabularyOnly.borders().tensors);  // without padding
        QVERIFY(GgufFile::parse(bytes, "vocabulary").has_value());

        for (const std::uint32_t alignment : {8u, 64u, 1u << 20}) {
            test::RawGguf aligned;
            aligned.alignment = alignment;
            aligned.pairs.push_back(test::rawU32("general.alignment", alignment));
            aligned.tensors.pop_back();
            const auto alignedBytes = aligned.bytes();
            const auto file = GgufFile::parse(alignedBytes, "aligned");
            QVERIFY(file.has_value());
            QCOMPARE(file->find("one")->bytes[1], std::byte{1});
        }

        test::RawGguf fourDims;
        fourDims.tensors[0].dims = {2, 1, 2, 2};
        const auto fourDimsBytes = fourDims.bytes();
        const auto file = GgufFile::parse(fourDimsBytes, "4d");
        QVERIFY(file.has_value());
        QCOMPARE(file->find("one")->elementCount(), std::int64_t{8});
        QCOMPARE(file->find("one")->matrix().nRows, std::int64_t{4});
    }

    void parse_acceptsTensorsInAnyOrderOfOffsets() {
        test::RawGguf raw;
        raw.tensors[0].offset = 64;
        raw.tensors[1].offset = 0;
        raw.data.resize(96);
        const auto bytes = raw.bytes();
        const auto file = GgufFile::parse(bytes, "swapped");
        QVERIFY(file.has_value());
        QCOMPARE(file->find("one")->bytes[0], std::byte{64});
        QCOMPARE(file->find("two")->bytes[0], std::byte{0});
        QCOMPARE(test::brokenInvariant(*file, bytes), std::string());
    }

    void open_readsAModelOfAnotherProgram() {
        const auto file = GgufFile::open(kGolden / "llama" / "q8_0.gguf");
        QVERIFY(file.has_value());
        QCOMPARE(file->tensors().size(), std::size_t{22});
        QCOMPARE(file->metadata().all().size(), std::size_t{25});
        QVERIFY(file->metadata().string("general.name") == "golden-llama");
        QVERIFY(file->metadata().boolean("tokenizer.ggml.add_bos_token") == false);
        QVERIFY(file->metadata().unsignedInteger("llama.embedding_length") == 64u);
        QCOMPARE(file->metadata().strings("tokenizer.ggml.tokens")->size(), std::size_t{320});
        QCOMPARE(file->metadata().integers("tokenizer.ggml.token_type")->size(), std::size_t{320});
        QCOMPARE(*file->metadata().real("llama.attention.layer_norm_rms_epsilon"),
                 static_cast<double>(1e-5f));
        const GgufTensor* const output = file->find("output.weight");
        QVERIFY(output != nullptr);
        QCOMPARE(output->type, DType::Q8_0);
        QVERIFY((output->shape == std::vector<std::int64_t>{64, 320}));
    }

    void open_agreesWithTheManifests() {
        for (const char* const folder : {"llama", "qwen2", "qwen3", "llama-types"}) {
            const auto manifest =
                nlohmann::json::parse(test::readText(kGolden / folder / "manifest.json"));
            int nFiles = 0;
            for (const auto& [name, variant] : manifest["variants"].items()) {
                const fs::path path =
                    kGolden / folder / variant["file"].template get<std::string>();
                if (!fs::exists(path)) continue;  // only some variants are committed
                const auto file = GgufFile::open(path);
                QVERIFY2(file.has_value(), path.c_str());
                QCOMPARE(file->fileBytes(), variant["bytes"].template get<std::uint64_t>());
                QVERIFY(file->metadata().string("general.architecture") ==
                        manifest["arch"].template get<std::string>());
                std::int64_t nElements = 0;
                for (const GgufTensor& tensor : file->tensors()) nElements += tensor.elementCount();
                QCOMPARE(nElements, variant["n_params"].template get<std::int64_t>());
                ++nFiles;
            }
            QVERIFY2(nFiles > 0, folder);
        }
    }

    void open_acceptsAllGoldenFiles() { QVERIFY(openAll(kGolden) >= 10); }

    void open_acceptsAllSharedFiles() {
        SOTTO_NEEDS_SHARED("golden/README.md");
        QVERIFY(openAll(test::sharedFolder() / "golden") > 100);
        QVERIFY(openAll(test::sharedFolder() / "data") >= 11);
    }

    void open_acceptsTinyModelsOfAllTypes() {
        const QTemporaryDir folder;
        const fs::path path = fs::path(folder.path().toStdString()) / "tiny.gguf";
        for (const char* const architecture : {"llama", "qwen2", "qwen3"})
            for (const DType type : allDTypes()) {
                // Quantizing takes nearly all of the time: every type once, each architecture once.
                if (type != DType::F32 && std::string(architecture) != "llama") continue;
                test::TinyModel model;
                model.architecture = architecture;
                model.nVocab = 314;
                model.nEmbd = 256;
                model.nFf = 256;
                model.headDim = 64;
                QVERIFY(test::writeTinyModel(test::withTypes(model, type), path).has_value());
                const auto file = GgufFile::open(path);
                QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());
                QCOMPARE(file->find("blk.1.ffn_down.weight")->type, type);
                QCOMPARE(file->find("blk.0.attn_q.bias") != nullptr,
                         std::string(architecture) == "qwen2");
            }
    }

    void verifySizes_seesAFileThatShrank() {
        const QTemporaryDir folder;
        const fs::path path = fs::path(folder.path().toStdString()) / "shrinking.gguf";
        QVERIFY(test::writeBytes(path, test::RawGguf().bytes()));
        const auto file = GgufFile::open(path);
        QVERIFY(file.has_value());
        QVERIFY(file->verifySizes().has_value());
        fs::resize_file(path, 100);
        const Status status = file->verifySizes();
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::FileDamaged);
        QVERIFY(status.error().message.find("shrinking.gguf") != std::string::npos);
    }

    // The mapping belongs to the file that was opened, whatever its name stands for later.
    void verifySizes_ofADeletedOrReplacedFile_isFine() {
        const QTemporaryDir folder;
        const fs::path path = fs::path(folder.path().toStdString()) / "replaced.gguf";
        QVERIFY(test::writeBytes(path, test::RawGguf().bytes()));
        const auto file = GgufFile::open(path);
        QVERIFY(file.has_value());
        fs::remove(path);
        QVERIFY(file->verifySizes().has_value());
        QVERIFY(test::writeBytes(path, {}));
        QVERIFY(file->verifySizes().has_value());
    }
};

QTEST_APPLESS_MAIN(GgufReaderTest)
#include "gguf_reader_test.moc"
