// Every way in which a GGUF file can be wrong, one at a time: the code, and that the one sentence
// names the thing. Designed against the reader bugs listed in ENGINE_NOTES section 7.
#include <QtTest/QtTest>

#include <functional>
#include <string>
#include <vector>

#include "engine/gguf/gguf_reader.h"
#include "tests/support/raw_gguf.h"

using namespace sotto;
using test::RawEncoder;
using test::RawGguf;

namespace {

constexpr std::uint64_t kHuge = ~std::uint64_t{0};

struct Damage {
    const char* name;
    std::function<void(RawGguf&)> apply;
    const char* sentencePart;  // what the message must name
    ErrorCode code = ErrorCode::FileDamaged;
};

// Header and metadata. Byte numbers by the format: the header ends at 24, the keys of the valid
// file at 69 and 102, its tensor table at 180, so its data begins at 192 and ends at 258.
std::vector<Damage> headerDamages() {
    return {
        {"wrong magic", [](RawGguf& f) { f.magic = 0x04034b50; }, "is not a GGUF file"},
        {"version 1", [](RawGguf& f) { f.version = 1; }, "GGUF version 1", ErrorCode::Unsupported},
        {"version 4", [](RawGguf& f) { f.version = 4; }, "GGUF version 4", ErrorCode::Unsupported},
        {"big-endian", [](RawGguf& f) { f.version = 0x03000000; }, "big-endian",
         ErrorCode::Unsupported},
        {"huge tensor count", [](RawGguf& f) { f.nTensors = kHuge; }, "the tensor count claims"},
        {"tensor count that wraps", [](RawGguf& f) { f.nTensors = kHuge / 33 + 1; },
         "the tensor count claims"},
        {"tensor count that the file cannot hold", [](RawGguf& f) { f.nTensors = 100; },
         "the tensor count claims 100 items"},
        {"key count that the file cannot hold", [](RawGguf& f) { f.nPairs = 100; },
         "the key count claims 100 items"},
        {"one tensor too many", [](RawGguf& f) { f.nTensors = 3; }, "tensor 3 of 3"},
        {"huge key count", [](RawGguf& f) { f.nPairs = kHuge; }, "the key count claims"},
        {"key count that reaches into the tensors", [](RawGguf& f) { f.nPairs = 3; },
         "the name of tensor 1 of 2 at byte 127"},
        {"empty key", [](RawGguf& f) { f.pairs[1].key.clear(); },
         "the name of key 2 of 2 is empty"},
        {"key longer than allowed", [](RawGguf& f) { f.pairs[1].key = std::string(65536, 'k'); },
         "more than 65535"},
        {"duplicate key", [](RawGguf& f) { f.pairs.push_back(f.pairs[1]); },
         "key 'llama.block_count' appears twice"},
        {"unknown value type", [](RawGguf& f) { f.pairs[1].type = 13; },
         "key 'llama.block_count' at byte 98 has the unknown value type 13"},
        {"huge value type", [](RawGguf& f) { f.pairs[1].type = 0xffffffff; },
         "unknown value type 4294967295"},
    };
}

// Values of keys: strings and arrays.
std::vector<Damage> valueDamages() {
    return {
        {"string longer than the file",
         [](RawGguf& f) { f.pairs[0].value = RawEncoder().number(kHuge).bytes; },
         "key 'general.architecture'"},
        {"string length one too long",
         [](RawGguf& f) {
             f.pairs[0].value = RawEncoder().number(std::uint64_t{1} << 20).text("x").bytes;
         },
         "claims 1048576 bytes"},
        {"boolean that is neither",
         [](RawGguf& f) {
             f.pairs.push_back({"flag", 7, RawEncoder().number(std::uint8_t{2}).bytes});
         },
         "key 'flag' at byte 118 is 2"},
        {"boolean array with a 3",
         [](RawGguf& f) {
             f.pairs.push_back(
                 test::rawArray("flags", 7, 1, RawEncoder().number(std::uint8_t{3}).bytes));
         },
         "key 'flags'"},
        {"array with a huge count",
         [](RawGguf& f) { f.pairs.push_back(test::rawArray("list", 4, kHuge, {})); }, "key 'list'"},
        {"array whose byte count wraps",
         [](RawGguf& f) { f.pairs.push_back(test::rawArray("list", 10, kHuge / 8 + 2, {})); },
         "key 'list'"},
        {"array longer than the file",
         [](RawGguf& f) { f.pairs.push_back(test::rawArray("list", 10, 1000, {})); },
         "key 'list' claims 1000 items"},
        {"string array with a huge count",
         [](RawGguf& f) { f.pairs.push_back(test::rawArray("words", 8, 1 << 24, {})); },
         "key 'words' claims 16777216 items"},
        {"string array with a broken element",
         [](RawGguf& f) {
             f.pairs.push_back(
                 test::rawArray("words", 8, 2, RawEncoder().text("ok").number(kHuge).bytes));
         },
         "key 'words'"},
        {"array of arrays",
         [](RawGguf& f) {
             f.pairs.push_back(test::rawArray("deep", 9, 1, RawEncoder().number(9).bytes));
         },
         "key 'deep' at byte 130 is an array of arrays"},
        {"array of an unknown type",
         [](RawGguf& f) { f.pairs.push_back(test::rawArray("odd", 77, 1, {})); },
         "key 'odd' at byte 129 has the unknown element type 77"},
        {"escape codes in a key",
         [](RawGguf& f) {
             f.pairs[1] = {"a\x1b[2J\nb", 99, {}};
         },
         "key 'a?[2J?b'"},
    };
}

// Keys that the reader itself obeys.
std::vector<Damage> settingDamages() {
    return {
        {"alignment 0", [](RawGguf& f) { f.pairs.push_back(test::rawU32("general.alignment", 0)); },
         "'general.alignment' is 0"},
        {"alignment 4", [](RawGguf& f) { f.pairs.push_back(test::rawU32("general.alignment", 4)); },
         "'general.alignment' is 4"},
        {"alignment 44",
         [](RawGguf& f) { f.pairs.push_back(test::rawU32("general.alignment", 44)); },
         "'general.alignment' is 44"},
        {"alignment 2 MiB",
         [](RawGguf& f) { f.pairs.push_back(test::rawU32("general.alignment", 1u << 21)); },
         "'general.alignment' is 2097152"},
        {"alignment that is text",
         [](RawGguf& f) { f.pairs.push_back(test::rawText("general.alignment", "32")); },
         "'general.alignment' is not a whole positive number"},
        {"split count that is text",
         [](RawGguf& f) { f.pairs.push_back(test::rawText("split.count", "2")); },
         "'split.count' is not a number"},
        {"huge split count",
         [](RawGguf& f) { f.pairs.push_back(test::rawU32("split.count", 100000)); },
         "'split.count'"},
        {"split without a number",
         [](RawGguf& f) { f.pairs.push_back(test::rawU32("split.count", 2)); }, "'split.no'"},
        {"one part of a split",
         [](RawGguf& f) {
             f.pairs.push_back(test::rawU32("split.count", 2));
             f.pairs.push_back(test::rawU32("split.no", 0));
         },
         "is the first of 2 parts", ErrorCode::InvalidArgument},
    };
}

std::vector<Damage> tensorDamages() {
    return {
        {"empty tensor name", [](RawGguf& f) { f.tensors[1].name.clear(); },
         "the name of tensor 2 of 2 is empty"},
        {"tensor name longer than allowed",
         [](RawGguf& f) { f.tensors[1].name = std::string(65536, 't'); }, "more than 65535"},
        {"duplicate tensor", [](RawGguf& f) { f.tensors[1].name = "one"; },
         "tensor 'one' appears twice"},
        {"no dimensions", [](RawGguf& f) { f.tensors[0].nDims = 0; },
         "tensor 'one' has 0 dimensions"},
        {"five dimensions",
         [](RawGguf& f) {
             f.tensors[0].dims = {1, 1, 1, 1, 1};
         },
         "tensor 'one' has 5 dimensions"},
        {"huge dimension count", [](RawGguf& f) { f.tensors[0].nDims = 0xffffffff; },
         "tensor 'one' has 4294967295 dimensions"},
        {"zero dimension",
         [](RawGguf& f) {
             f.tensors[0].dims = {4, 0};
         },
         "tensor 'one' has size 0 in dimension 2"},
        {"huge dimension",
         [](RawGguf& f) {
             f.tensors[0].dims = {kHuge, 1};
         },
         "tensor 'one' claims size 18446744073709551615 in dimension 1"},
        {"negative dimension",
         [](RawGguf& f) {
             f.tensors[0].dims = {4, std::uint64_t{1} << 63};
         },
         "tensor 'one' claims size 9223372036854775808"},
        {"product that wraps to 0",
         [](RawGguf& f) {
             f.tensors[0].dims = {1u << 31, 1u << 31, 4};
         },
         "tensor 'one' claims size 2147483648 in dimension 2"},
        {"product above 2^47",
         [](RawGguf& f) {
             f.tensors[0].dims = {std::uint64_t{1} << 24, (1u << 23) + 1};
         },
         "tensor 'one' claims size"},
        {"product of 2^47 that the file lacks",
         [](RawGguf& f) {
             f.tensors[0].dims = {std::uint64_t{1} << 24, 1u << 23};
         },
         "tensor 'one' ends at byte"},
        {"type of another program", [](RawGguf& f) { f.tensors[0].type = 15; },
         "tensor 'one' in bad.gguf has type Q8_K", ErrorCode::Unsupported},
        {"integer tensor", [](RawGguf& f) { f.tensors[0].type = 26; }, "has type I32",
         ErrorCode::Unsupported},
        {"withdrawn type", [](RawGguf& f) { f.tensors[0].type = 4; }, "unknown type (number 4)",
         ErrorCode::Unsupported},
        {"negative type", [](RawGguf& f) { f.tensors[0].type = 0xffffffff; },
         "unknown type (number 4294967295)", ErrorCode::Unsupported},
        {"rows that split a block",
         [](RawGguf& f) {
             f.tensors[1].dims = {16, 2};
         },
         "tensor 'two' has rows of 16 elements, not a multiple of the 32 that type Q8_0 needs"},
        {"rows that split a super-block",
         [](RawGguf& f) {
             f.tensors[1] = {"two", {128, 2}, 12, 32, {}};
         },
         "tensor 'two' has rows of 128 elements"},
        {"offset that is not aligned", [](RawGguf& f) { f.tensors[1].offset = 33; },
         "tensor 'two' begins at offset 33, not a multiple of 32"},
        {"huge offset", [](RawGguf& f) { f.tensors[1].offset = kHuge - 31; },
         "tensor 'two' begins 18446744073709551584 bytes into the data but bad.gguf has only 66"},
        {"offset past the end", [](RawGguf& f) { f.tensors[1].offset = 96; },
         "tensor 'two' begins 96 bytes into the data"},
        {"offset that leaves too little", [](RawGguf& f) { f.tensors[1].offset = 64; },
         "tensor 'two' ends at byte 290 but bad.gguf has 258: the file is cut off, download it "
         "again"},
        {"same offset", [](RawGguf& f) { f.tensors[1].offset = 0; },
         "tensors 'one' and 'two' overlap"},
        {"tensor that reaches into the next",
         [](RawGguf& f) {
             f.tensors[0].dims = {5, 2};
         },
         "tensors 'one' and 'two' overlap"},
        {"tensor that reaches over a third",
         [](RawGguf& f) {
             f.tensors.push_back({"three", {8}, 0, 96, {}});
             f.tensors[0].dims = {32, 1};
             f.data.resize(128);
         },
         "overlap"},
        {"last byte missing", [](RawGguf& f) { f.data.pop_back(); },
         "tensor 'two' ends at byte 258 but bad.gguf has 257: the file is cut off, download it "
         "again"},
        {"no data at all", [](RawGguf& f) { f.data.clear(); },
         "tensor 'one' ends at byte 224 but bad.gguf has 192"},
    };
}

std::vector<Damage> allDamages() {
    std::vector<Damage> all;
    for (const auto& part : {headerDamages(), valueDamages(), settingDamages(), tensorDamages()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

// One sentence for a person: one line, printable, naming the file.
bool isOneSentence(const Error& error) {
    for (const char letter : error.message)
        if (letter < 0x20 || letter > 0x7e) return false;
    return error.message.find("bad.gguf") != std::string::npos && error.context == "bad.gguf" &&
           error.message.find(": ") != std::string::npos && error.message.size() < 400;
}

}  // namespace

class GgufDamageTest : public QObject {
    Q_OBJECT

private slots:
    void parse_namesTheDamage_data() {
        QTest::addColumn<int>("index");
        const auto damages = allDamages();
        for (std::size_t index = 0; index < damages.size(); ++index)
            QTest::newRow(damages[index].name) << static_cast<int>(index);
    }

    void parse_namesTheDamage() {
        QFETCH(const int, index);
        const Damage damage = allDamages()[static_cast<std::size_t>(index)];
        RawGguf raw;
        damage.apply(raw);
        const auto bytes = raw.bytes();
        const auto file = GgufFile::parse(bytes, "bad.gguf");
        QVERIFY2(!file.has_value(), "accepted");
        QVERIFY2(file.error().code == damage.code, file.error().message.c_str());
        QVERIFY2(file.error().message.find(damage.sentencePart) != std::string::npos,
                 file.error().message.c_str());
        QVERIFY2(isOneSentence(file.error()), file.error().message.c_str());
    }

    // Every prefix of a valid file is refused as damaged; the borders of sections are among them.
    void parse_refusesEveryPrefix() {
        const RawGguf raw;
        const auto whole = raw.bytes();
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // A copy of its own, so that a sanitizer sees the first byte that is read too many.
            const std::vector<std::byte> prefix(whole.begin(),
                                                whole.begin() + static_cast<std::ptrdiff_t>(size));
            const auto file = GgufFile::parse(prefix, "bad.gguf");
            QVERIFY2(!file.has_value(), qPrintable(QString("%1 bytes").arg(size)));
            QCOMPARE(file.error().code, ErrorCode::FileDamaged);
            QVERIFY2(isOneSentence(file.error()), file.error().message.c_str());
        }
        QVERIFY(GgufFile::parse(whole, "bad.gguf").has_value());
    }

    void parse_saysThatACutFileIsCutOff() {
        const RawGguf raw;
        const auto borders = raw.borders();
        const auto whole = raw.bytes();
        for (const std::size_t size : {borders.header - 1, borders.pairs - 1, borders.tensors - 1,
                                       borders.padding, whole.size() - 1}) {
            const std::vector<std::byte> prefix(whole.begin(),
                                                whole.begin() + static_cast<std::ptrdiff_t>(size));
            const auto file = GgufFile::parse(prefix, "bad.gguf");
            QVERIFY(!file.has_value());
            QVERIFY2(file.error().message.find("cut off") != std::string::npos,
                     file.error().message.c_str());
        }
    }

    void parse_boundsAllArraysTogether() {
        // Each array alone is below the limit of 2^25 elements; the third goes over it.
        RawGguf raw;
        const std::uint64_t count = std::uint64_t{12} << 20;
        for (const char* const key : {"first", "second", "third"})
            raw.pairs.push_back(test::rawArray(key, 0, count, std::vector<std::byte>(count)));
        const auto bytes = raw.bytes();
        const auto file = GgufFile::parse(bytes, "bad.gguf");
        QVERIFY(!file.has_value());
        QVERIFY2(file.error().message.find("key 'third'") != std::string::npos,
                 file.error().message.c_str());
    }
};

QTEST_APPLESS_MAIN(GgufDamageTest)
#include "gguf_damage_test.moc"
