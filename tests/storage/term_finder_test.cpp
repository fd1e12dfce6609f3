// Characters and words as FTS5 sees them; FTS5's own index is the witness.
#include "storage/term_finder.h"

#include <QSet>
#include <QTest>
#include <random>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr char32_t kEndOfUnicode = 0x110000;

std::string utf8(const std::u32string& text) {
    QString utf16;
    for (const char32_t code : text) utf16 += QChar::fromUcs4(code);
    return utf16.toStdString();
}

bool isCharacter(char32_t code) {
    return code != 0 && code < kEndOfUnicode && (code < 0xd800 || code > 0xdfff) &&
           (code & ~1u) != 0xfffe;
}

std::string joined(const std::vector<SnippetPart>& parts) {
    std::string text;
    for (const SnippetPart& part : parts) text += part.isMatch ? "[" + part.text + "]" : part.text;
    return text;
}

}  // namespace

class TermFinderTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        auto connection = Connection::open({.path = ":memory:"});
        VERIFY_OK(connection);
        m_connection = std::make_unique<Connection>(std::move(*connection));
        auto folding = CaseFolding::of(*m_connection);
        VERIFY_OK(folding);
        m_folding = std::make_unique<CaseFolding>(std::move(*folding));
    }

    // Every character three times, indexed as the library's schema does it; the index's vocabulary
    // says what it became.
    void fold_isThatOfTheIndexForEveryCharacter() {
        VERIFY_OK(m_connection->execute(
            "CREATE VIRTUAL TABLE words USING fts5 (content, tokenize = 'trigram', detail = none);"
            "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, instance); BEGIN"));
        auto insert = m_connection->prepare("INSERT INTO words (rowid, content) VALUES (?, ?)");
        std::int64_t nCharacters = 0;
        for (char32_t code = 0; code < kEndOfUnicode; ++code) {
            // Beyond the planes in which anything is assigned, some of them.
            if (!isCharacter(code) || (code >= 0x40000 && code % 97 != 0)) continue;
            insert->reset();
            insert->bindAll(std::int64_t{code}, utf8({code, code, code}));
            VERIFY_OK(insert->run());
            ++nCharacters;
        }
        VERIFY_OK(m_connection->execute("COMMIT"));
        auto row = m_connection->prepare("SELECT doc, term FROM vocabulary");
        std::int64_t nCompared = 0;
        std::int64_t nFolded = 0;
        while (*row->step()) {
            const auto code = static_cast<char32_t>(row->integer(0));
            const char32_t folded = m_folding->fold(code);
            QCOMPARE(QByteArray::fromStdString(row->text(1)),
                     QByteArray::fromStdString(utf8({folded, folded, folded})));
            nFolded += folded != code;
            ++nCompared;
        }
        QCOMPARE(nCompared, nCharacters);
        QVERIFY2(nFolded > 1000, qPrintable(QString::number(nFolded)));
    }

    void fold_takesCaseAwayInEveryScriptAndNothingElse() {
        const std::pair<char32_t, char32_t> pairs[] = {
            {'A', 'a'}, {U'Ä', U'ä'}, {U'Ω', U'ω'}, {U'Ж', U'ж'}, {U'Ａ', U'ａ'}};
        for (const auto& [upper, lower] : pairs) {
            QCOMPARE(m_folding->fold(upper), lower);
            QCOMPARE(m_folding->fold(lower), lower);
        }
        for (const char32_t same : {U'1', U'汉', U'é', U'😀', char32_t{0x10ffff}, char32_t{0},
                                    char32_t{0x110000}, char32_t{0xffffffff}})
            QCOMPARE(m_folding->fold(same), same);
    }

    // What the index takes for three characters must be three here: any bytes, alone in a table.
    void nextCharacter_readsBytesAsTheIndexDoes() {
        VERIFY_OK(m_connection->execute(
            "CREATE VIRTUAL TABLE noise USING fts5 (content, tokenize = 'trigram', detail = none);"
            "CREATE VIRTUAL TABLE noise_words USING fts5vocab (noise, instance)"));
        std::mt19937 random(7);
        for (int round = 0; round < 3000; ++round) {
            std::string text(1 + random() % 12, ' ');
            for (char& byte : text) {
                constexpr unsigned char kEdges[] = {0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xdf, 0xe2,
                                                    0xed, 0xef, 0xf0, 0xf7, 0xf8, 0xfd, 0xfe, 0xff};
                const bool isEdge = random() % 2 == 0;
                byte = static_cast<char>(isEdge ? kEdges[random() % std::size(kEdges)]
                                                : 1 + random() % 255);
            }
            VERIFY_OK(m_connection->execute("DELETE FROM noise"));
            VERIFY_OK(m_connection->run("INSERT INTO noise (rowid, content) VALUES (1, ?)", text));
            QSet<QByteArray> wanted;
            auto row = m_connection->prepare("SELECT term FROM noise_words");
            while (*row->step()) wanted.insert(QByteArray::fromStdString(row->text(0)));
            const std::u32string folded = m_folding->foldAll(text);
            QSet<QByteArray> found;
            bool isUnicode = true;
            for (std::size_t at = 0; at + 3 <= folded.size(); ++at) {
                const std::u32string trigram = folded.substr(at, 3);
                for (const char32_t code : trigram) isUnicode = isUnicode && isCharacter(code);
                found.insert(QByteArray::fromStdString(utf8(trigram)));
            }
            // Numbers beyond Unicode have no bytes to compare; their count has.
            if (isUnicode)
                QCOMPARE(found, wanted);
            else
                QVERIFY(found.size() >= wanted.size());
        }
    }

    void hasAll_wantsEveryTermInAnyCase() {
        const TermFinder finder(*m_folding, {"ÄRGER", "kv"});
        QVERIFY(finder.hasAll("Kein ärger mit dem KV-Cache"));
        QVERIFY(finder.hasAll("KVäRgEr"));
        QVERIFY(!finder.hasAll("Kein ärger"));
        QVERIFY(!finder.hasAll("arger kv"));
        QVERIFY(!finder.hasAll(""));
        // A beginning that goes on otherwise, and the end of the text in the middle of a term.
        QVERIFY(TermFinder(*m_folding, {"aab"}).hasAll("aaab"));
        QVERIFY(!TermFinder(*m_folding, {"aab"}).hasAll("aaaa"));
        QVERIFY(!TermFinder(*m_folding, {"汉字"}).hasAll("汉"));
        QVERIFY(!TermFinder(*m_folding, {"behind"}).hasAll(std::string_view("a\0behind", 8)));
    }

    void excerpt_cutsAtWholeCharactersAroundTheMatch() {
        std::string chinese;
        for (int repeat = 0; repeat < 200; ++repeat) chinese += "汉";
        const std::string text = excerptOf(chinese + "KV" + chinese, "kv");
        QVERIFY(text.starts_with("…汉"));
        QVERIFY(text.ends_with("汉…"));
        QVERIFY(text.find("[KV]") != std::string::npos);
        QVERIFY(QString::fromStdString(text).toUtf8().toStdString() == text);
        QCOMPARE(excerptOf("kv and KV", "kv"), std::string("[kv] and [KV]"));
        QCOMPARE(excerptOf("Kein Ärger", "äRG"), std::string("Kein [Ärg]er"));
        QCOMPARE(excerptOf("", "kv"), std::string());
    }

private:
    std::string excerptOf(const std::string& text, const std::string& term) {
        return joined(TermFinder(*m_folding, {term}).excerpt(text));
    }

    std::unique_ptr<Connection> m_connection;
    std::unique_ptr<CaseFolding> m_folding;
};

QTEST_APPLESS_MAIN(TermFinderTest)
#include "term_finder_test.moc"
