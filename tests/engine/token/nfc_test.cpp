// Normalisation form C against Qt's, character by character and for random rows of marks.
#include "engine/token/nfc.h"

#include <QtTest>
#include <random>

#include "engine/token/utf8.h"

using namespace sotto;

namespace {

std::string utf8Of(const std::u32string& characters) {
    std::string text;
    for (const char32_t character : characters) appendUtf8(text, character);
    return text;
}

std::string normalizedByQt(const std::string& text) {
    // Behind a line break, which composes with nothing: at its beginning Qt drops a byte order
    // mark.
    const QString shown = QString::fromStdString("\n" + text);
    return shown.normalized(QString::NormalizationForm_C).mid(1).toStdString();
}

bool isSurrogate(char32_t character) { return character >= 0xD800 && character <= 0xDFFF; }

}  // namespace

class NfcTest : public QObject {
    Q_OBJECT

private slots:
    void eachCharacter_isAsInQt();
    void eachCharacterWithAMark_isAsInQt();
    void randomRows_areAsInQt();
    void knownTexts_areComposed_data();
    void knownTexts_areComposed();
};

void NfcTest::eachCharacter_isAsInQt() {
    const NfcNormalizer nfc;
    for (char32_t character = 1; character <= 0x10FFFF; ++character) {
        if (isSurrogate(character)) continue;
        const std::string text = utf8Of({character});
        const std::string normalized = nfc.normalize(text);
        QVERIFY2(normalized == normalizedByQt(text), std::to_string(character).c_str());
        if (NfcNormalizer::isPlain(text)) QCOMPARE(normalized, text);
    }
}

void NfcTest::eachCharacterWithAMark_isAsInQt() {
    const NfcNormalizer nfc;
    for (const char32_t mark :
         {0x301U, 0x323U, 0x338U, 0x3099U, 0x93CU, 0x1161U, 0x11A8U, 0x5BCU}) {
        for (char32_t character = 1; character <= 0x1FFFF; ++character) {
            if (isSurrogate(character)) continue;
            const std::string text = utf8Of({character, mark});
            QVERIFY2(nfc.normalize(text) == normalizedByQt(text),
                     (std::to_string(character) + " " + std::to_string(mark)).c_str());
        }
    }
}

void NfcTest::randomRows_areAsInQt() {
    const NfcNormalizer nfc;
    const std::u32string letters =
        U"aeocuDdnS \u0300\u0301\u0302\u0308\u0323\u0327\u0331\u0338\u0345\u0344\u1100\u1161\u11A8"
        U"\u11A7\uAC00\uAC01\u30AB\u3099\u309A\u0915\u093C\u09C7\u09BE\u212A\u212B\uFB2A\u05BC"
        U"\u05B7"
        U"\u1E9B\u0374\U0001D15E\u0F71\u0F72\u0F80\u110BB";
    std::mt19937 random(5);
    for (int round = 0; round < 200'000; ++round) {
        std::u32string row;
        for (std::size_t left = random() % 8; left > 0; --left)
            row += letters[random() % letters.size()];
        const std::string text = utf8Of(row);
        QVERIFY2(nfc.normalize(text) == normalizedByQt(text), text.c_str());
    }
}

void NfcTest::knownTexts_areComposed_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("accent") << QStringLiteral("cafe\u0301") << QStringLiteral("caf\u00E9");
    QTest::newRow("jamo") << QStringLiteral("\u1112\u1161\u11AB") << QStringLiteral("\uD55C");
    QTest::newRow("dakuten") << QStringLiteral("\u30AB\u3099") << QStringLiteral("\u30AC");
    QTest::newRow("nukta") << QStringLiteral("\u0958") << QStringLiteral("\u0915\u093C");
    QTest::newRow("Kelvin") << QStringLiteral("\u212A") << QStringLiteral("K");
    QTest::newRow("order") << QStringLiteral("a\u0301\u0323") << QStringLiteral("\u1EA1\u0301");
}

void NfcTest::knownTexts_areComposed() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(NfcNormalizer().normalize(text.toStdString())), expected);
}

QTEST_APPLESS_MAIN(NfcTest)
#include "nfc_test.moc"
