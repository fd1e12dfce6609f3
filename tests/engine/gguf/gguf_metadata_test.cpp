// Typed access to metadata, and the reading of every value type of the format.
#include "engine/gguf/gguf_metadata.h"

#include <QtTest/QtTest>

#include <limits>

#include "engine/gguf/gguf_reader.h"
#include "tests/support/raw_gguf.h"

using namespace sotto;
using test::RawEncoder;

namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

// A file with one more key of the given type.
std::vector<std::byte> fileWith(test::RawPair pair) {
    test::RawGguf raw;
    raw.pairs.push_back(std::move(pair));
    return raw.bytes();
}

template <typename T>
std::vector<std::byte> rawArrayOf(std::uint32_t elementType, std::initializer_list<T> values) {
    RawEncoder encoder;
    for (const T value : values) encoder.number(value);
    return fileWith(test::rawArray("x", elementType, values.size(), encoder.bytes));
}

}  // namespace

class GgufMetadataTest : public QObject {
    Q_OBJECT

private slots:
    void readValue_widensEveryScalarType() {
        const auto read = [](std::uint32_t type, const RawEncoder& value) {
            // The value of numbers is held by the variant, not by the bytes.
            const auto bytes = fileWith({"x", type, value.bytes});
            const auto file = GgufFile::parse(bytes, "x");
            return file ? *file->metadata().find("x") : GgufValue(std::string_view("refused"));
        };
        using Unsigned = std::uint64_t;
        using Signed = std::int64_t;
        QVERIFY(read(0, RawEncoder().number(std::uint8_t{250})) == GgufValue(Unsigned{250}));
        QVERIFY(read(1, RawEncoder().number(std::int8_t{-5})) == GgufValue(Signed{-5}));
        QVERIFY(read(2, RawEncoder().number(std::uint16_t{65535})) == GgufValue(Unsigned{65535}));
        QVERIFY(read(3, RawEncoder().number(std::int16_t{-300})) == GgufValue(Signed{-300}));
        QVERIFY(read(4, RawEncoder().number(4000000000u)) == GgufValue(Unsigned{4000000000u}));
        QVERIFY(read(5, RawEncoder().number(-7)) == GgufValue(Signed{-7}));
        QVERIFY(read(6, RawEncoder().number(0.5f)) == GgufValue(0.5));
        QVERIFY(read(7, RawEncoder().number(std::uint8_t{1})) == GgufValue(true));
        QVERIFY(read(10, RawEncoder().number(kLargest)) == GgufValue(Unsigned{kLargest}));
        QVERIFY(read(11, RawEncoder().number(std::int64_t{-1} << 63)) ==
                GgufValue(Signed{std::numeric_limits<std::int64_t>::min()}));
        QVERIFY(read(12, RawEncoder().number(0.1)) == GgufValue(0.1));
    }

    void readValue_widensEveryArrayType() {
        const auto integers = [](const std::vector<std::byte>& bytes) {
            return GgufFile::parse(bytes, "x")->metadata().integers("x").value();
        };
        using Integers = std::vector<std::int64_t>;
        QVERIFY((integers(rawArrayOf<std::uint8_t>(0, {1, 255})) == Integers{1, 255}));
        QVERIFY((integers(rawArrayOf<std::int8_t>(1, {-1, 127})) == Integers{-1, 127}));
        QVERIFY((integers(rawArrayOf<std::uint16_t>(2, {1, 65535})) == Integers{1, 65535}));
        QVERIFY((integers(rawArrayOf<std::int16_t>(3, {-2, 9})) == Integers{-2, 9}));
        QVERIFY(
            (integers(rawArrayOf<std::uint32_t>(4, {1u, 4000000000u})) == Integers{1, 4000000000}));
        QVERIFY((integers(rawArrayOf<std::int32_t>(5, {-1, 2})) == Integers{-1, 2}));
        QVERIFY((integers(rawArrayOf<std::uint64_t>(10, {1u, 2u})) == Integers{1, 2}));
        QVERIFY((integers(rawArrayOf<std::int64_t>(11, {-1, 2})) == Integers{-1, 2}));
        QVERIFY((integers(rawArrayOf<std::int64_t>(11, {})) == Integers{}));

        const auto floats = rawArrayOf<float>(6, {0.5f, -2.0f});
        QVERIFY((GgufFile::parse(floats, "x")->metadata().reals("x") ==
                 std::vector<double>{0.5, -2.0}));
        const auto doubles = rawArrayOf<double>(12, {0.1});
        QVERIFY((GgufFile::parse(doubles, "x")->metadata().reals("x") == std::vector<double>{0.1}));
        const auto flags = rawArrayOf<std::uint8_t>(7, {1, 0, 1});
        const auto file = GgufFile::parse(flags, "x");
        QVERIFY(*file->metadata().find("x") == GgufValue(std::vector<bool>{true, false, true}));

        const auto texts =
            fileWith(test::rawArray("x", 8, 2, RawEncoder().text("first").text("").bytes));
        const auto textFile = GgufFile::parse(texts, "x");
        QVERIFY((*textFile->metadata().strings("x") == std::vector<std::string_view>{"first", ""}));
    }

    void access_convertsOnlyWithoutLoss() {
        GgufMetadata metadata;
        metadata.insert("unsigned", std::uint64_t{5});
        metadata.insert("huge", kLargest);
        metadata.insert("negative", std::int64_t{-5});
        metadata.insert("real", 1.5);
        metadata.insert("flag", true);
        metadata.insert("text", std::string_view("word"));
        metadata.insert("hugeArray", std::vector<std::uint64_t>{1, kLargest});

        QVERIFY(metadata.unsignedInteger("unsigned") == 5u);
        QVERIFY(metadata.integer("unsigned") == 5);
        QVERIFY(metadata.real("unsigned") == 5.0);
        QVERIFY(!metadata.integer("huge").has_value());
        QVERIFY(!metadata.unsignedInteger("negative").has_value());
        QVERIFY(metadata.integer("negative") == -5);
        QVERIFY(metadata.real("negative") == -5.0);
        QVERIFY(!metadata.integer("real").has_value());
        QVERIFY(!metadata.unsignedInteger("flag").has_value());
        QVERIFY(!metadata.boolean("unsigned").has_value());
        metadata.insert("no", std::uint64_t{0});
        metadata.insert("yes", std::int64_t{1});
        QVERIFY(metadata.boolean("no") == false);
        QVERIFY(metadata.boolean("yes") == true);
        QVERIFY(!metadata.string("flag").has_value());
        QVERIFY(metadata.strings("text") == nullptr);
        QVERIFY(!metadata.integers("hugeArray").has_value());
        QVERIFY((metadata.integers("negative") == std::vector<std::int64_t>{-5}));
        QVERIFY((metadata.reals("real") == std::vector<double>{1.5}));
        QVERIFY(!metadata.reals("text").has_value());
        QVERIFY(!metadata.has("absent"));
        QVERIFY(metadata.find("absent") == nullptr);
        QVERIFY(!metadata.real("absent").has_value());
    }
};

QTEST_APPLESS_MAIN(GgufMetadataTest)
#include "gguf_metadata_test.moc"
