// Utf8Stream against the decoder definition of Unicode 15, section 3.9 (table 3-8 and its rule of
// maximal subparts): however the bytes are cut, the text is that of the whole.
#include "engine/token/utf8_stream.h"

#include <QtTest>
#include <random>

#include "engine/token/utf8.h"
#include "tests/engine/token/token_test_support.h"

using namespace sotto;

namespace {

const std::string kBad = std::string(kReplacementCharacter);

std::string streamed(std::string_view bytes, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Utf8Stream stream;
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = std::min<std::size_t>(bytes.size(), 1 + random() % 3);
        const std::string whole = stream.push(bytes.substr(0, length));
        if (findInvalidUtf8(whole)) qFatal("half a character came out");
        text += whole;
        bytes.remove_prefix(length);
    }
    return text + stream.flush();
}

bool isWellFormed(const std::string& bytes) {
    return QByteArray::fromStdString(bytes).isValidUtf8();
}

// Whether some bytes make `start` one well-formed character: tried, not reasoned. Continuation
// bytes from each part of the narrowed ranges of table 3-7 are enough.
bool isBeginningOfCharacter(const std::string& start) {
    if (start.size() > 4) return false;
    if (isWellFormed(start)) return true;
    for (const char next : {'\x80', '\x90', '\xA0', '\xBF'}) {
        if (start.size() < 4 && isBeginningOfCharacter(start + next)) return true;
    }
    return false;
}

// The definition: a character stays; otherwise the longest beginning of a character, or else one
// byte, becomes U+FFFD.
std::string naiveReplaced(const std::string& bytes) {
    std::string text;
    for (std::size_t offset = 0; offset < bytes.size();) {
        std::size_t length = 1;
        while (offset + length < bytes.size() && !isWellFormed(bytes.substr(offset, length)) &&
               isBeginningOfCharacter(bytes.substr(offset, length + 1))) {
            ++length;
        }
        const std::string part = bytes.substr(offset, length);
        text += isWellFormed(part) ? part : kBad;
        offset += length;
    }
    return text;
}

}  // namespace

class Utf8StreamTest : public QObject {
    Q_OBJECT

private slots:
    void push_replacesMaximalSubparts_data();
    void push_replacesMaximalSubparts();
    void push_holdsBackUnfinishedCharacter();
    void push_givesValidTextBackHoweverCut();
    void push_matchesDefinitionOnRandomBytes();
    void findInvalid_namesFirstOffset();
};

void Utf8StreamTest::push_replacesMaximalSubparts_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& bytes, const std::string& expected) {
        QTest::newRow(name) << bytes << QByteArray::fromStdString(expected);
    };
    // Tables 3-8 to 3-11 of the standard.
    row("overlong and continuation", "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41",
        kBad + kBad + kBad + kBad + kBad + kBad + kBad + kBad + "A");
    row("surrogates", "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41",
        kBad + kBad + kBad + kBad + kBad + kBad + kBad + kBad + "A");
    row("above U+10FFFF", "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
        kBad + kBad + kBad + kBad + kBad + "A" + kBad + kBad + "B");
    row("truncated", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", kBad + kBad + kBad + kBad + "A");
    row("unfinished end", "a\xF0\x9F\x98", "a" + kBad);
    row("lone continuation", "\x80", kBad);
    row("empty", "", "");
}

void Utf8StreamTest::push_replacesMaximalSubparts() {
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        QCOMPARE(QByteArray::fromStdString(streamed(bytes.toStdString(), seed)), expected);
    }
}

void Utf8StreamTest::push_holdsBackUnfinishedCharacter() {
    Utf8Stream stream;
    QCOMPARE(stream.push("a\xF0\x9F"), std::string("a"));
    QVERIFY(stream.isHoldingBack());
    QCOMPARE(stream.push("\x98"), std::string());
    QCOMPARE(stream.push("\x80"
                         "b"),
             std::string("\xF0\x9F\x98\x80"
                         "b"));
    QVERIFY(!stream.isHoldingBack());
    QCOMPARE(stream.push("\xE2"), std::string());
    QCOMPARE(stream.flush(), kBad);
    QCOMPARE(stream.flush(), std::string());
    QCOMPARE(stream.push("c"), std::string("c"));
}

void Utf8StreamTest::push_givesValidTextBackHoweverCut() {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const std::string text = sotto::test::randomUnicode(seed, 200);
        QVERIFY(!findInvalidUtf8(text));
        QCOMPARE(streamed(text, seed), text);
    }
}

void Utf8StreamTest::push_matchesDefinitionOnRandomBytes() {
    std::mt19937_64 random(7);
    // The bounds of table 3-7 and their neighbours.
    const std::string alphabet =
        "a\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xE1\xED\xEF\xF0\xF1\xF4\xF5";
    for (int round = 0; round < 500; ++round) {
        std::string bytes;
        for (int index = 0; index < 12; ++index) bytes += alphabet[random() % alphabet.size()];
        QCOMPARE(streamed(bytes, static_cast<std::uint64_t>(round)), naiveReplaced(bytes));
        QCOMPARE(findInvalidUtf8(bytes).has_value(),
                 !QByteArray::fromStdString(bytes).isValidUtf8());
    }
}

void Utf8StreamTest::findInvalid_namesFirstOffset() {
    QCOMPARE(findInvalidUtf8("abc"), std::nullopt);
    QCOMPARE(findInvalidUtf8("ab\xC3"), std::optional<std::size_t>(2));
    QCOMPARE(findInvalidUtf8("\xC3\xA9\xC3"), std::optional<std::size_t>(2));
    QCOMPARE(findInvalidUtf8("\xFF"), std::optional<std::size_t>(0));
}

QTEST_APPLESS_MAIN(Utf8StreamTest)
#include "utf8_stream_test.moc"
