#include "engine/gguf/gguf_writer.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>

#include "engine/gguf/gguf_reader.h"
#include "tests/support/golden_files.h"
#include "tests/support/process_limits.h"
#include "tests/support/raw_gguf.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

// Byte n of a tensor's data is n: shows in which order and place pieces arrive.
GgufRowSource countingBytes(const GgufWriter& writer) {
    return [&writer](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const GgufTensorPlan& tensor = writer.tensors()[range.tensorIndex];
        const std::size_t start =
            rowBytes(tensor.type, static_cast<std::size_t>(tensor.shape.front())) *
            static_cast<std::size_t>(range.firstRow);
        for (std::size_t index = 0; index < out.size(); ++index)
            out[index] = static_cast<std::byte>(start + index);
        return {};
    };
}

}  // namespace

class GgufWriterTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void cleanup() {
        for (const auto& entry : fs::directory_iterator(m_folder.path().toStdString()))
            fs::remove_all(entry.path());
    }

    // RawGguf encodes by itself, so this compares two independent writers.
    void toBytes_writesTheFormat() {
        const test::RawGguf raw;
        GgufWriter writer;
        writer.addValue("general.architecture", std::string("llama"));
        writer.addValue("llama.block_count", std::uint32_t{7});
        writer.addTensor({"one", DType::F32, {4, 2}});
        writer.addTensor({"two", DType::Q8_0, {32}});
        const auto bytes =
            writer.toBytes([&raw](const GgufRowRange& range, std::span<std::byte> out) {
                const std::size_t offset = range.tensorIndex == 0 ? 0 : 32;
                std::copy_n(raw.data.begin() + static_cast<std::ptrdiff_t>(offset), out.size(),
                            out.begin());
                return Status{};
            });
        QVERIFY(bytes.has_value());
        auto expected = raw.bytes();
        expected.resize((expected.size() + 31) / 32 * 32);  // the writer pads the last tensor too
        QVERIFY(*bytes == expected);
        QVERIFY(writer.fileBytes() == expected.size());
    }

    void write_roundTripsEveryValueType() {
        GgufWriter writer;
        writer.addValue("u8", std::uint8_t{200});
        writer.addValue("i8", std::int8_t{-100});
        writer.addValue("u16", std::uint16_t{60000});
        writer.addValue("i16", std::int16_t{-30000});
        writer.addValue("u32", std::uint32_t{4000000000u});
        writer.addValue("i32", std::int32_t{-2000000000});
        writer.addValue("u64", ~std::uint64_t{0});
        writer.addValue("i64", std::int64_t{-1});
        writer.addValue("f32", 0.25f);
        writer.addValue("f64", 0.1);
        writer.addValue("yes", true);
        writer.addValue("no", false);
        writer.addValue("text", std::string("a \0 b", 5));
        writer.addValue("u8s", std::vector<std::uint8_t>{1, 2});
        writer.addValue("i8s", std::vector<std::int8_t>{-1, 2});
        writer.addValue("u16s", std::vector<std::uint16_t>{1, 2});
        writer.addValue("i16s", std::vector<std::int16_t>{-1, 2});
        writer.addValue("u32s", std::vector<std::uint32_t>{1, 2});
        writer.addValue("i32s", std::vector<std::int32_t>{-1, 2});
        writer.addValue("u64s", std::vector<std::uint64_t>{1, 2});
        writer.addValue("i64s", std::vector<std::int64_t>{-1, 2});
        writer.addValue("f32s", std::vector<float>{0.5f});
        writer.addValue("f64s", std::vector<double>{0.1});
        writer.addValue("flags", std::vector<bool>{true, false});
        writer.addValue("texts", std::vector<std::string>{"", "word"});
        writer.addValue("nothing", std::vector<std::string>{});
        const auto bytes = writer.toBytes(countingBytes(writer));
        QVERIFY(bytes.has_value());
        const auto file = GgufFile::parse(*bytes, "x");
        QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());

        const auto is = [&file](const char* key, const GgufValue& expected) {
            const GgufValue* const value = file->metadata().find(key);
            return value != nullptr && *value == expected;
        };
        using Unsigned = std::uint64_t;
        using Signed = std::int64_t;
        QVERIFY(is("u8", Unsigned{200}) && is("u16", Unsigned{60000}));
        QVERIFY(is("u32", Unsigned{4000000000u}) && is("u64", ~Unsigned{0}));
        QVERIFY(is("i8", Signed{-100}) && is("i16", Signed{-30000}));
        QVERIFY(is("i32", Signed{-2000000000}) && is("i64", Signed{-1}));
        QVERIFY(is("f32", 0.25) && is("f64", 0.1) && is("yes", true) && is("no", false));
        QVERIFY(is("text", std::string_view("a \0 b", 5)));
        for (const char* const key : {"u8s", "u16s", "u32s", "u64s"})
            QVERIFY(is(key, std::vector<Unsigned>{1, 2}));
        for (const char* const key : {"i8s", "i16s", "i32s", "i64s"})
            QVERIFY(is(key, std::vector<Signed>{-1, 2}));
        QVERIFY(is("f32s", std::vector<double>{0.5}) && is("f64s", std::vector<double>{0.1}));
        QVERIFY(is("flags", std::vector<bool>{true, false}));
        QVERIFY(is("texts", std::vector<std::string_view>{"", "word"}));
        QVERIFY(is("nothing", std::vector<std::string_view>{}));
        QCOMPARE(file->metadata().all().size(), std::size_t{26});

        // Pair by pair into another file: byte for byte the same one.
        GgufWriter again;
        for (const GgufEncodedPair& pair : file->metadata().encoded())
            again.addValue(std::string(pair.key),
                           GgufEncodedValue{{pair.value.begin(), pair.value.end()}});
        const auto copied = again.toBytes(countingBytes(again));
        QVERIFY(copied.has_value());
        QVERIFY(*copied == *bytes);
    }

    void write_roundTripsTensorsOfAllTypesAndShapes() {
        GgufWriter writer;
        writer.addValue("general.alignment", std::uint32_t{64});
        for (const DType type : allDTypes()) {
            const std::string name(dtypeTraits(type).name);
            writer.addTensor({name + ".row", type, {256}});
            writer.addTensor({name + ".cube", type, {512, 3, 2, 5}});
        }
        writer.addTensor({"odd", DType::F32, {3, 7}});
        // Larger than one piece, with rows that do not divide it.
        writer.addTensor({"large", DType::F32, {1000, 701}});
        QVERIFY(writer.write(at("all.gguf"), countingBytes(writer)).has_value());
        const auto file = GgufFile::open(at("all.gguf"));
        QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());
        QCOMPARE(file->fileBytes(), *writer.fileBytes());
        QCOMPARE(file->tensors().size(), writer.tensors().size());
        for (const GgufTensorPlan& plan : writer.tensors()) {
            const GgufTensor* const tensor = file->find(plan.name);
            QVERIFY2(tensor != nullptr, plan.name.c_str());
            QVERIFY(tensor->shape == plan.shape);
            QCOMPARE(tensor->type, plan.type);
            for (std::size_t index = 0; index < tensor->bytes.size(); ++index)
                if (tensor->bytes[index] != static_cast<std::byte>(index))
                    QFAIL(qPrintable(
                        QString("%1 differs at byte %2").arg(plan.name.c_str()).arg(index)));
        }
    }

    void addValue_replacesAnEarlierValue() {
        GgufWriter writer;
        writer.addValue("key", std::uint32_t{1});
        writer.addValue("other", std::uint32_t{2});
        writer.addValue("key", std::string("new"));
        const auto bytes = writer.toBytes(countingBytes(writer));
        QVERIFY(bytes.has_value());
        const auto file = GgufFile::parse(*bytes, "x");
        QVERIFY(file.has_value());
        QVERIFY(file->metadata().string("key") == "new");
    }

    void write_refusesWhatTheFormatCannotHold_data() {
        QTest::addColumn<QString>("sentencePart");
        QTest::newRow("no dimensions") << "1 to 4 dimensions";
        QTest::newRow("five dimensions") << "1 to 4 dimensions";
        QTest::newRow("zero dimension") << "out of range";
        QTest::newRow("negative dimension") << "out of range";
        QTest::newRow("huge product") << "out of range";
        QTest::newRow("split block") << "not a multiple of the 256 elements of type Q4_K";
        QTest::newRow("empty name") << "empty or too long";
        QTest::newRow("duplicate") << "added twice";
        QTest::newRow("bad alignment") << "general.alignment";
        QTest::newRow("empty key") << "a key cannot be written";
    }

    void write_refusesWhatTheFormatCannotHold() {
        QFETCH(const QString, sentencePart);
        const std::string row = QTest::currentDataTag();
        GgufWriter writer;
        if (row == "no dimensions") writer.addTensor({"t", DType::F32, {}});
        if (row == "five dimensions") writer.addTensor({"t", DType::F32, {1, 1, 1, 1, 1}});
        if (row == "zero dimension") writer.addTensor({"t", DType::F32, {4, 0}});
        if (row == "negative dimension") writer.addTensor({"t", DType::F32, {-4}});
        if (row == "huge product")
            writer.addTensor({"t", DType::F32, {std::int64_t{1} << 40, std::int64_t{1} << 40}});
        if (row == "split block") writer.addTensor({"t", DType::Q4_K, {128}});
        if (row == "empty name") writer.addTensor({"", DType::F32, {4}});
        if (row == "duplicate") {
            writer.addTensor({"t", DType::F32, {4}});
            writer.addTensor({"t", DType::F32, {4}});
        }
        if (row == "bad alignment") writer.addValue("general.alignment", std::uint32_t{33});
        if (row == "empty key") writer.addValue("", std::uint32_t{33});
        const Status status = writer.write(at("refused.gguf"), countingBytes(writer));
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(status.error().message.find(sentencePart.toStdString()) != std::string::npos,
                 status.error().message.c_str());
        QVERIFY(!writer.toBytes(countingBytes(writer)).has_value());
        QVERIFY(fs::is_empty(m_folder.path().toStdString()));
    }

    void write_leavesNothingWhenTheSourceFails() {
        GgufWriter writer;
        writer.addTensor({"first", DType::F32, {4}});
        writer.addTensor({"second", DType::F32, {4}});
        const auto failing = [](const GgufRowRange& range, std::span<std::byte>) -> Status {
            if (range.tensorIndex == 0) return {};
            return fail(ErrorCode::Cancelled, "stopped by the user");
        };
        const Status status = writer.write(at("half.gguf"), failing);
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::Cancelled);
        QVERIFY(fs::is_empty(m_folder.path().toStdString()));
    }

    void write_leavesNothingWhenTheDiskIsFull() {
        const test::TinyModel model;
        const GgufWriter writer = test::describeTinyModel(model);
        const auto total = *writer.fileBytes();
        // In the header, in the middle of a tensor, and one byte before the end.
        for (const std::uint64_t room : {std::uint64_t{100}, total / 2, total - 1}) {
            const test::FileSizeLimit limit(room);
            if (!limit.isActive()) QSKIP("this system cannot limit file sizes for a test");
            const Status status =
                writer.write(at("full.gguf"), test::tinyWeights(writer, model.seed));
            QVERIFY(!status);
            QCOMPARE(status.error().code, ErrorCode::DiskFull);
            QVERIFY(status.error().message.find("full.gguf") != std::string::npos);
            QVERIFY(fs::is_empty(m_folder.path().toStdString()));
        }
        const test::FileSizeLimit enough(total);
        QVERIFY(writer.write(at("full.gguf"), test::tinyWeights(writer, model.seed)).has_value());
    }

    void write_keepsTheOlderFileWhenTheDiskIsFull() {
        const test::TinyModel model;
        QVERIFY(test::writeTinyModel(model, at("kept.gguf")).has_value());
        const auto before = test::readBytes(at("kept.gguf"));
        {
            const test::FileSizeLimit limit(1000);
            if (!limit.isActive()) QSKIP("this system cannot limit file sizes for a test");
            QVERIFY(!test::writeTinyModel(model, at("kept.gguf")).has_value());
        }
        QVERIFY(test::readBytes(at("kept.gguf")) == before);
    }

    void write_neverReplacesWhatItIsMadeFrom() {
        QVERIFY(test::writeTinyModel({}, at("in.gguf")).has_value());
        const auto before = test::readBytes(at("in.gguf"));
        GgufWriter writer;
        writer.addTensor({"a.weight", DType::F32, {8, 2}});
        AtomicFileOptions options;
        options.inputs = {at("in.gguf")};
        const Status status = writer.write(at("in.gguf"), test::tinyWeights(writer, 3), options);
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
        QVERIFY(test::readBytes(at("in.gguf")) == before);
    }

    void write_namesAFolderThatCannotBeUsed() {
        const Status missing = test::writeTinyModel({}, at("no") / "folder.gguf");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileNotFound);

        fs::permissions(m_folder.path().toStdString(), fs::perms(0755));
        fs::create_directory(at("locked"));
        fs::permissions(at("locked"), fs::perms(0555));
        const test::UnprivilegedScope scope;
        if (!scope.isActive()) QSKIP("this system cannot drop privileges for a test");
        const Status locked = test::writeTinyModel({}, at("locked") / "model.gguf");
        QVERIFY(!locked);
        QCOMPARE(locked.error().code, ErrorCode::ReadOnly);
        QVERIFY(locked.error().message.find("permission") != std::string::npos);
        QVERIFY(fs::is_empty(at("locked")));
    }

    void tinyModel_isTheSameForTheSameSeed() {
        test::TinyModel model;
        const auto first = test::tinyModelBytes(model);
        QVERIFY(*first == *test::tinyModelBytes(model));
        model.seed = 2;
        QVERIFY(*first != *test::tinyModelBytes(model));
    }
};

QTEST_APPLESS_MAIN(GgufWriterTest)
#include "gguf_writer_test.moc"
