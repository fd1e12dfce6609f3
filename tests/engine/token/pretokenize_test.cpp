// The pre-tokenizers' tables: every expression compiles and covers any text; the words of each
// family on inputs where the families differ.
#include "engine/token/pretokenize.h"

#include <QtTest>

#include "tests/engine/token/token_test_support.h"

using namespace sotto;

namespace {

const std::vector<const char*> kFamilies{"default",     "gpt-2",  "starcoder",    "llama-bpe",
                                         "qwen2",       "qwen35", "seed-coder",   "gpt-4o",
                                         "tekken",      "falcon", "deepseek-llm", "deepseek-coder",
                                         "deepseek-v3", "bloom",  "viking"};

PreTokenizer make(std::string_view name) {
    const auto* family = findPreTokenizerFamily(name);
    if (family == nullptr) qFatal("no such family");
    auto preTokenizer = PreTokenizer::create(*family);
    if (!preTokenizer) qFatal("%s", preTokenizer.error().message.c_str());
    return std::move(*preTokenizer);
}

QStringList wordsOf(const PreTokenizer& preTokenizer, const QString& text) {
    const std::string bytes = text.toStdString();
    std::vector<std::string_view> words;
    if (!preTokenizer.split(bytes, words)) return {"failed"};
    QStringList list;
    for (const auto word : words)
        list << QString::fromUtf8(word.data(), static_cast<int>(word.size()));
    return list;
}

}  // namespace

class PretokenizeTest : public QObject {
    Q_OBJECT

private slots:
    void split_coversAnyText();
    void split_wordsOfFamily_data();
    void split_wordsOfFamily();
    void find_emptyIsDefaultAndUnknownIsNull();
};

void PretokenizeTest::split_coversAnyText() {
    for (const char* name : kFamilies) {
        const PreTokenizer preTokenizer = make(name);
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            const std::string text = sotto::test::randomUnicode(seed, static_cast<int>(seed) * 3);
            std::vector<std::string_view> words;
            QVERIFY(preTokenizer.split(text, words));
            std::string joined;
            for (const auto word : words) {
                QVERIFY(!word.empty());
                joined += word;
            }
            QVERIFY2(joined == text, name);
        }
    }
}

void PretokenizeTest::split_wordsOfFamily_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");  // words joined by "|"
    const auto row = [](const char* family, const char* text, const char* expected) {
        QTest::addRow("%s: %s", family, text) << family << text << expected;
    };
    row("gpt-2", "Hello world's  end 12345!?\n\nx", "Hello| world|'s| | end| 12345|!?|\n|\n|x");
    row("gpt-2", "I'LL", "I|'|LL");
    row("starcoder", "ab 123", "ab| |1|2|3");
    row("llama-bpe", "Hello world's  end 12345!?\n\nx", "Hello| world|'s| | end| |123|45|!?\n\n|x");
    row("llama-bpe", "I'LL (ok)\r\n", "I|'LL| (|ok|)\r\n");
    row("llama-bpe", "a\u3000\u3000b", "a|\u3000|\u3000b");  // \s is Unicode's
    row("qwen2", "x=12345  \n  y", "x|=|1|2|3|4|5|  \n| | y");
    row("qwen35", "नमस्ते", "नमस्ते");
    row("qwen2", "नम", "नम");
    row("seed-coder", "a!\nb", "a|!|\n|b");
    row("gpt-4o", "HelloWorld don't /\n 1234", "Hello|World| don't| /\n| |123|4");
    row("tekken", "HTMLParser don't 12", "HTMLParser| don|'t| |1|2");
    row("falcon", "a $12345 b", "a| |$|123|45| b");
    row("default", "a 1234", "a| |123|4");
    row("deepseek-llm", "Hi 你好 12 ab\ncd  ", "Hi| |你好| |12| ab|\n|cd|  ");
    row("deepseek-coder", "x1 y\n", "x|1| y|\n");
    row("deepseek-v3", "a 12345 你好!ok", "a| |123|45| |你好|!ok");
    row("bloom", "Hello, big world", "Hello|,| big| world");
    row("viking", "a12", "a|1|2");
}

void PretokenizeTest::split_wordsOfFamily() {
    QFETCH(QString, family);
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(wordsOf(make(family.toStdString()), text), expected.split('|'));
}

void PretokenizeTest::find_emptyIsDefaultAndUnknownIsNull() {
    QCOMPARE(findPreTokenizerFamily(""), findPreTokenizerFamily("default"));
    QVERIFY(findPreTokenizerFamily("default") != nullptr);
    QVERIFY(findPreTokenizerFamily("no-such-family") == nullptr);
}

QTEST_APPLESS_MAIN(PretokenizeTest)
#include "pretokenize_test.moc"
