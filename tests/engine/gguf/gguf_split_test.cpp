// Models split into several files: joined when all is well, and named when it is not.
#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <filesystem>
#include <functional>
#include <string>

#include "engine/gguf/gguf_reader.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/gguf/split_files.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

constexpr int kParts = 3;

struct Part {
    std::uint16_t index = 0;
    std::uint16_t count = kParts;
    std::int32_t nTensors = 5;  // claimed for all parts together
    std::vector<std::string> tensors;
    std::string fileName;
};

std::vector<Part> threeParts() {
    return {{0, 3, 5, {"a.weight", "b.weight"}, "model-00001-of-00003.gguf"},
            {1, 3, 5, {"c.weight"}, "model-00002-of-00003.gguf"},
            {2, 3, 5, {"d.weight", "e.weight"}, "model-00003-of-00003.gguf"}};
}

GgufWriter writerOf(const Part& part) {
    GgufWriter writer;
    if (part.index == 0) writer.addValue("general.architecture", std::string("llama"));
    writer.addValue("split.no", part.index);
    writer.addValue("split.count", part.count);
    writer.addValue("split.tensors.count", part.nTensors);
    for (const std::string& name : part.tensors) writer.addTensor({name, DType::F32, {8, 2}});
    return writer;
}

bool write(const Part& part, const fs::path& folder) {
    const GgufWriter writer = writerOf(part);
    return writer.write(folder / part.fileName, test::tinyWeights(writer, 3)).has_value();
}

}  // namespace

class GgufSplitTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path folder() const { return m_folder->path().toStdString(); }

    // Writes the parts and opens `opened`.
    Result<GgufFile> openParts(const std::vector<Part>& parts,
                               const char* opened = "model-00001-of-00003.gguf") {
        for (const Part& part : parts)
            if (!write(part, folder())) return fail(ErrorCode::Internal, "the test cannot write");
        return GgufFile::open(folder() / opened);
    }

    void expectFailure(const Result<GgufFile>& file, ErrorCode code, const char* sentencePart) {
        QVERIFY2(!file.has_value(), "accepted");
        QVERIFY2(file.error().code == code, file.error().message.c_str());
        QVERIFY2(file.error().message.find(sentencePart) != std::string::npos,
                 file.error().message.c_str());
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void partsByName_namesAllOfOneSplit() {
        const std::vector<fs::path> parts = partsByName("folder/model-00002-of-00003.gguf");
        QCOMPARE(parts.size(), std::size_t{3});
        QCOMPARE(parts[0], fs::path("folder/model-00002-of-00003.gguf"));
        QCOMPARE(parts[1], fs::path("folder/model-00001-of-00003.gguf"));
        QCOMPARE(parts[2], fs::path("folder/model-00003-of-00003.gguf"));
        for (const char* alone : {"model.gguf", "m-00000-of-00003.gguf", "m-00004-of-00003.gguf",
                                  "-00001-of-00003.gguf", "m-0001-of-00003.gguf",
                                  "m-00001-of-00001.gguf", "m-0000x-of-00003.gguf", ""})
            QCOMPARE(partsByName(alone), std::vector<fs::path>{alone});
    }

    void headersAlone_areJoined() {
        const auto headerOf = [](const Part& part) {
            return writerOf(part).headerBytes().value_or(std::vector<std::byte>());
        };
        const std::vector<Part> parts = threeParts();
        const std::vector<std::byte> first = headerOf(parts[0]), second = headerOf(parts[1]),
                                     third = headerOf(parts[2]);
        const std::vector<std::span<const std::byte>> headers{first, second, third};
        const auto file = GgufFile::parseHeaders(headers, "model");
        QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());
        QCOMPARE(file->shardCount(), std::size_t{3});
        for (const Part& part : parts)
            for (const std::string& name : part.tensors) QVERIFY(file->find(name) != nullptr);
        using Headers = std::vector<std::span<const std::byte>>;
        expectFailure(GgufFile::parseHeaders(Headers{first, third, second}, "model"),
                      ErrorCode::FileDamaged, "part 3 of 3");
        expectFailure(GgufFile::parseHeaders(Headers{first, second}, "model"),
                      ErrorCode::FileDamaged, "3 parts");
        expectFailure(GgufFile::parseHeaders(Headers{second, first, third}, "model"),
                      ErrorCode::InvalidArgument, "part 2 of 3");
        expectFailure(GgufFile::parseHeaders(Headers{}, "model"), ErrorCode::InvalidArgument, "");
    }

    void open_joinsAllParts() {
        const auto file = openParts(threeParts());
        QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());
        QCOMPARE(file->shardCount(), std::size_t{3});
        QCOMPARE(file->tensors().size(), std::size_t{5});
        QVERIFY(file->metadata().string("general.architecture") == "llama");
        std::uint64_t bytesOnDisk = 0;
        for (const Part& part : threeParts())
            bytesOnDisk += fs::file_size(folder() / part.fileName);
        QCOMPARE(file->fileBytes(), bytesOnDisk);
        for (const Part& part : threeParts())
            for (const std::string& name : part.tensors) {
                const GgufTensor* const tensor = file->find(name);
                QVERIFY2(tensor != nullptr, name.c_str());
                const auto values = test::tinyTensorValues({name, DType::F32, {8, 2}}, 3);
                QVERIFY(std::memcmp(values.data(), tensor->bytes.data(), tensor->byteSize) == 0);
            }
        fs::resize_file(folder() / "model-00002-of-00003.gguf", 64);
        const Status status = file->verifySizes();
        QVERIFY(!status);
        QVERIFY(status.error().message.find("model-00002-of-00003.gguf") != std::string::npos);
    }

    void open_acceptsASplitOfOne() {
        Part whole{0, 1, 1, {"a.weight"}, "whole.gguf"};
        QVERIFY(openParts({whole}, "whole.gguf").has_value());
        whole.count = 0;  // as some tools leave it
        QVERIFY(openParts({whole}, "whole.gguf").has_value());
    }

    void open_namesTheMissingPart() {
        auto parts = threeParts();
        parts.erase(parts.begin() + 1);
        expectFailure(openParts(parts), ErrorCode::FileNotFound,
                      "part 2 of 3 is missing: put 'model-00002-of-00003.gguf' into the same "
                      "folder");
    }

    void open_namesTheDamagedPart() {
        QVERIFY(openParts(threeParts()).has_value());
        QVERIFY(
            test::writeBytes(folder() / "model-00003-of-00003.gguf", std::vector<std::byte>(50)));
        expectFailure(GgufFile::open(folder() / "model-00001-of-00003.gguf"),
                      ErrorCode::FileDamaged, "model-00003-of-00003.gguf is not a GGUF file");
        fs::resize_file(folder() / "model-00003-of-00003.gguf", 0);
        expectFailure(GgufFile::open(folder() / "model-00001-of-00003.gguf"),
                      ErrorCode::FileDamaged, "is empty");
    }

    void open_refusesAPartThatIsNotTheFirst() {
        expectFailure(openParts(threeParts(), "model-00002-of-00003.gguf"),
                      ErrorCode::InvalidArgument,
                      "part 2 of 3: open the part whose name ends in "
                      "'-00001-of-00003.gguf'");
    }

    void open_refusesARenamedFirstPart() {
        auto parts = threeParts();
        parts[0].fileName = "renamed.gguf";
        expectFailure(openParts(parts, "renamed.gguf"), ErrorCode::InvalidArgument,
                      "'-00001-of-00003.gguf'");
    }

    void open_refusesPartsThatContradictEachOther() {
        auto parts = threeParts();
        parts[1].index = 2;
        expectFailure(openParts(parts), ErrorCode::FileDamaged, "part 3 of 3 instead of 2 of 3");
        parts = threeParts();
        parts[2].count = 4;
        expectFailure(openParts(parts), ErrorCode::FileDamaged, "part 3 of 4 instead of 3 of 3");
        parts = threeParts();
        parts[1].index = 7;
        expectFailure(openParts(parts), ErrorCode::FileDamaged, "split.no");
    }

    void open_refusesAWrongTensorCount() {
        auto parts = threeParts();
        parts[0].nTensors = 6;
        expectFailure(openParts(parts), ErrorCode::FileDamaged,
                      "'split.tensors.count' claims 6 tensors but its parts have 5");
        parts[0].nTensors = -1;
        expectFailure(openParts(parts), ErrorCode::FileDamaged, "'split.tensors.count'");
    }

    void open_refusesATensorInTwoParts() {
        auto parts = threeParts();
        parts[2].tensors[0] = "a.weight";
        expectFailure(openParts(parts), ErrorCode::FileDamaged, "tensor 'a.weight' appears twice");
    }

    void splitPartPath_countsFromOneInFiveDigits() {
        const auto path = splitPartPath("/models/a-00001-of-00123.gguf", 122, 123);
        QVERIFY(path.has_value());
        QCOMPARE(path->string(), std::string("/models/a-00123-of-00123.gguf"));
        QVERIFY(!splitPartPath("/models/a-00001-of-00124.gguf", 1, 123).has_value());
        QCOMPARE(splitPartPath("-00001-of-00002.gguf", 1, 2)->string(),
                 std::string("-00002-of-00002.gguf"));
    }
};

QTEST_APPLESS_MAIN(GgufSplitTest)
#include "gguf_split_test.moc"
