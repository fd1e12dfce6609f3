// Byte-level BPE against the ids of other implementations, and its parts against their definitions.
#include "engine/token/bpe_tokenizer.h"

#include <QtTest>
#include <random>

#include "engine/token/byte_level.h"
#include "engine/token/tokenizer_factory.h"
#include "engine/token/utf8.h"
#include "tests/engine/token/token_test_support.h"

using namespace sotto;
using namespace sotto::test;

namespace {

using Ids = std::vector<std::int32_t>;
using Merges = std::vector<BpeMerger::Merge>;

const EncodeOptions kPlain{.isAddingBos = false, .isParsingSpecial = false};

std::string show(const Ids& ids) {
    std::string text;
    for (const auto id : ids) text += std::to_string(id) + ' ';
    return text;
}

std::filesystem::path vocabPath(const QString& name) {
    return sharedDir() / "data/tokenizers/ggml-vocab" /
           ("ggml-vocab-" + name.toStdString() + ".gguf");
}

// The definition: look for the pair of the lowest rank, the leftmost of equals, join, repeat.
Ids naiveMerge(Ids tokens, const Merges& merges) {
    while (true) {
        std::size_t bestRank = merges.size();
        std::size_t bestPlace = 0;
        for (std::size_t place = 0; place + 1 < tokens.size(); ++place) {
            for (std::size_t rank = 0; rank < bestRank; ++rank) {
                if (merges[rank].left == tokens[place] && merges[rank].right == tokens[place + 1]) {
                    bestRank = rank;
                    bestPlace = place;
                }
            }
        }
        if (bestRank == merges.size()) return tokens;
        tokens[bestPlace] = merges[bestRank].result;
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(bestPlace) + 1);
    }
}

// All 256 bytes (id = byte), then "ab", "abc", "<|end|>" (control), "<think>" (user-defined).
Vocabulary smallVocabulary(const std::string& preTokenizer) {
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.preTokenizer = preTokenizer;
    const auto add = [&](const std::string& text, TokenType type) {
        vocabulary.texts.push_back(text);
        vocabulary.scores.push_back(0);
        vocabulary.types.push_back(type);
    };
    for (int byte = 0; byte < 256; ++byte) {
        add(lettersOfBytes(std::string(1, static_cast<char>(byte))), TokenType::Normal);
    }
    add("ab", TokenType::Normal);
    add("abc", TokenType::Normal);
    add("<|end|>", TokenType::Control);
    add("<think>", TokenType::UserDefined);
    vocabulary.merges = {"a b", "x y z", "nonsense", "q r"};
    return vocabulary;
}

// Qwen's tokenizer.json normalises to form C first: decoding gives that form back.
std::string asEncoded(const std::string& text, const QString& name) {
    if (name != "qwen2") return text;
    return QString::fromStdString(text).normalized(QString::NormalizationForm_C).toStdString();
}

std::unique_ptr<Tokenizer> makeOrFail(const Vocabulary& vocabulary) {
    auto tokenizer = makeTokenizer(vocabulary);
    if (!tokenizer) qFatal("%s", tokenizer.error().message.c_str());
    return std::move(*tokenizer);
}

}  // namespace

class BpeTokenizerTest : public QObject {
    Q_OBJECT

private slots:
    void ggmlVocab_idsMatchAndTextsReturn_data();
    void ggmlVocab_idsMatchAndTextsReturn();
    void ggmlVocab_agreesWithTokenizerJson_data();
    void ggmlVocab_agreesWithTokenizerJson();
    void ggmlVocab_returnsRandomUnicode_data() { ggmlVocab_idsMatchAndTextsReturn_data(); }
    void ggmlVocab_returnsRandomUnicode();
    void byteLevel_everyByteReturns();
    void merger_matchesDefinition();
    void merger_handlesAnyLength();
    void encode_knowsWholeWordsWhereFamilyIgnoresMerges();
    void encode_partitionsSpecialTokens();
    void encode_neverMakesControlFromText();
    void encode_usesUnknownForMissingByte();
    void encode_manyRepeatsStayLinear();
    void create_refusesUnknownPreTokenizerAndNoMerges();
};

void BpeTokenizerTest::ggmlVocab_idsMatchAndTextsReturn_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"deepseek-llm", "falcon", "gpt-2", "llama-bpe", "mpt", "qwen2", "refact"}) {
        QTest::newRow(name) << name;
    }
}

void BpeTokenizerTest::ggmlVocab_idsMatchAndTextsReturn() {
    QFETCH(QString, name);
    const auto path = vocabPath(name);
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers/ggml-vocab is not here");
    const auto tokenizer = loadTokenizer(path);
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().message.c_str());
    const auto rows = readGgmlVocabGoldens(path);
    QVERIFY(rows.size() >= 40);
    for (const auto& row : rows) {
        const auto ids = (*tokenizer)->encode(row.text, {false, true});
        QVERIFY(ids);
        QVERIFY2(*ids == row.ids, (row.text + ": " + show(*ids) + "!= " + show(row.ids)).c_str());
        QCOMPARE((*tokenizer)->decode(*ids, true), asEncoded(row.text, name));
    }
}

void BpeTokenizerTest::ggmlVocab_agreesWithTokenizerJson_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("json");
    QTest::newRow("qwen2") << "qwen2"
                           << "tokenizers/hf/qwen2/tokenizer.json";
    QTest::newRow("llama 3.2") << "llama-bpe"
                               << "tokenizers/hf/llama3.2/tokenizer.json";
}

void BpeTokenizerTest::ggmlVocab_agreesWithTokenizerJson() {
    // These two GGUF vocabularies were made from the tokenizer.json that the rows come from.
    QFETCH(QString, name);
    QFETCH(QString, json);
    const auto path = vocabPath(name);
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers is not here");
    const auto tokenizer = loadTokenizer(path);
    QVERIFY(tokenizer);
    const auto rows =
        readTokenizerGoldens(sharedDir() / "data/tokenizers/goldens.jsonl", json.toStdString());
    QVERIFY(rows.size() >= 44);
    for (const auto& row : rows) {
        const auto ids = (*tokenizer)->encode(row.text, {false, true});
        QVERIFY(ids);
        QVERIFY2(*ids == row.ids, (row.text + ": " + show(*ids) + "!= " + show(row.ids)).c_str());
    }
}

void BpeTokenizerTest::ggmlVocab_returnsRandomUnicode() {
    QFETCH(QString, name);
    const auto path = vocabPath(name);
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers/ggml-vocab is not here");
    const auto tokenizer = loadTokenizer(path);
    QVERIFY(tokenizer);
    std::size_t nMissing = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const std::string text = randomUnicode(seed, static_cast<int>(seed) * 2);
        // Falcon has no tokens for some control characters and unassigned planes, Refact for one
        // byte: those characters are refused one by one, all the others must come back.
        std::string expressible;
        for (std::string_view rest = text; !rest.empty();) {
            const auto character = rest.substr(0, readUtf8(rest).length);
            if ((*tokenizer)->encode(character, kPlain)) {
                expressible += character;
            } else {
                ++nMissing;
            }
            rest.remove_prefix(character.size());
        }
        QCOMPARE((*tokenizer)->encode(text, kPlain).has_value(), expressible == text);
        const auto ids = (*tokenizer)->encode(expressible, kPlain);
        QVERIFY2(ids, ids ? "" : ids.error().message.c_str());
        QVERIFY2((*tokenizer)->decode(*ids, false) == asEncoded(expressible, name),
                 std::to_string(seed).c_str());
    }
    QCOMPARE(nMissing > 0, name == "falcon" || name == "refact");
}

void BpeTokenizerTest::byteLevel_everyByteReturns() {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    QCOMPARE(bytesOfLetters(lettersOfBytes(bytes)), bytes);
    // Known letters of GPT-2's table.
    QCOMPARE(lettersOfBytes(" the\n"), std::string("\xC4\xA0the\xC4\x8A"));
    QCOMPARE(lettersOfBytes("\xAD"), std::string("\xC5\x83"));  // the last one, U+0143
    QCOMPARE(bytesOfLetters("\xE2\x96\x81x"), std::string("\xE2\x96\x81x"));  // not in the table
}

void BpeTokenizerTest::merger_matchesDefinition() {
    std::mt19937_64 random(1);
    for (int round = 0; round < 300; ++round) {
        // Tokens 0..3 are bytes; every merge may use what came before, as training makes them.
        Merges merges;
        for (std::int32_t next = 4; next < 4 + round % 25; ++next) {
            const auto any = [&] {
                return static_cast<std::int32_t>(random() % static_cast<unsigned>(next));
            };
            merges.push_back({any(), any(), next});
        }
        const BpeMerger merger(merges);
        BpeMerger::Workspace workspace;
        for (std::size_t length = 0; length < 40; ++length) {
            Ids tokens(length);
            for (auto& token : tokens) token = static_cast<std::int32_t>(random() % 4);
            const Ids expected = naiveMerge(tokens, merges);
            tokens.resize(merger.merge(tokens, workspace));
            QVERIFY2(tokens == expected, (show(tokens) + "!= " + show(expected)).c_str());
        }
    }
}

void BpeTokenizerTest::merger_handlesAnyLength() {
    const BpeMerger merger(Merges{{0, 0, 1}, {1, 1, 2}, {2, 2, 3}});
    BpeMerger::Workspace workspace;
    Ids tokens(1 << 16, 0);
    QCOMPARE(merger.merge(tokens, workspace), std::size_t{1 << 13});
    Ids none;
    QCOMPARE(merger.merge(none, workspace), std::size_t{0});
    QCOMPARE(BpeMerger({}).merge(tokens, workspace), tokens.size());
}

void BpeTokenizerTest::encode_knowsWholeWordsWhereFamilyIgnoresMerges() {
    // "abc" is a token without a merge that makes it.
    QCOMPARE(*makeOrFail(smallVocabulary("gpt-2"))->encode("abc", kPlain), (Ids{256, 'c'}));
    QCOMPARE(*makeOrFail(smallVocabulary("llama-bpe"))->encode("abc", kPlain), Ids{257});
    QVERIFY(makeOrFail(smallVocabulary("llama-bpe"))->isAddingBosByDefault());
    QVERIFY(!makeOrFail(smallVocabulary("qwen2"))->isAddingBosByDefault());
    auto vocabulary = smallVocabulary("llama-bpe");
    vocabulary.isAddingBos = false;
    QVERIFY(!makeOrFail(vocabulary)->isAddingBosByDefault());
}

void BpeTokenizerTest::encode_partitionsSpecialTokens() {
    auto vocabulary = smallVocabulary("qwen2");
    vocabulary.bosToken = 258;
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("ab<|end|><think>c", {true, true}), (Ids{258, 256, 258, 259, 'c'}));
    QCOMPARE(*tokenizer->encode("<think>", kPlain), Ids{259});
    QCOMPARE(tokenizer->pieceBytes(258, false), std::string());
    QCOMPARE(tokenizer->pieceBytes(258, true), std::string("<|end|>"));
    QCOMPARE(tokenizer->pieceBytes(259, false), std::string("<think>"));
    QCOMPARE(tokenizer->pieceBytes(0xC3, false), std::string("\xC3"));
    QVERIFY(tokenizer->isEndOfGeneration(258));
    QCOMPARE(tokenizer->description(), std::string("bpe (qwen2), 260 pieces"));
}

void BpeTokenizerTest::encode_neverMakesControlFromText() {
    // A control token that is one word to the pre-tokenizer, in a family that looks words up.
    auto vocabulary = smallVocabulary("llama-bpe");
    vocabulary.texts[258] = "stop";
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("stop", kPlain), (Ids{'s', 't', 'o', 'p'}));
    QCOMPARE(*tokenizer->encode("stop", {false, true}), Ids{258});
}

void BpeTokenizerTest::encode_usesUnknownForMissingByte() {
    auto vocabulary = smallVocabulary("gpt-2");
    vocabulary.texts['z'] = "zz";
    auto ids = makeOrFail(vocabulary)->encode("az", kPlain);
    QVERIFY(!ids);
    QCOMPARE(ids.error().code, ErrorCode::InvalidArgument);
    QVERIFY(ids.error().message.find("U+007A") != std::string::npos);
    vocabulary.unknownToken = 258;  // a control token: no stand-in for text
    QVERIFY(!makeOrFail(vocabulary)->encode("az", kPlain));
    vocabulary.types[258] = TokenType::Unknown;
    ids = makeOrFail(vocabulary)->encode("az", kPlain);
    QCOMPARE(*ids, (Ids{'a', 258}));
    QCOMPARE(makeOrFail(vocabulary)->encode("\xC0", kPlain).error().code,
             ErrorCode::InvalidArgument);  // not UTF-8
}

void BpeTokenizerTest::encode_manyRepeatsStayLinear() {
    // A quadratic step anywhere would take many minutes on these: the test's time limit is the
    // judge.
    const auto path = vocabPath("deepseek-llm");
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers/ggml-vocab is not here");
    for (const char* name : {"deepseek-llm", "llama-bpe", "gpt-2"}) {
        const auto tokenizer = loadTokenizer(vocabPath(name));
        QVERIFY(tokenizer);
        for (const std::string unit :
             {"a", " ", "\n", "1", "!", " a", "\xE4\xBD\xA0", "aA", "\t "}) {
            std::string text;
            while (text.size() < 100'000) text += unit;
            text += 'x';
            const auto ids = (*tokenizer)->encode(text, kPlain);
            QVERIFY2(ids, ids ? "" : ids.error().message.c_str());
            QVERIFY((*tokenizer)->decode(*ids, false) == text);
        }
    }
}

void BpeTokenizerTest::create_refusesUnknownPreTokenizerAndNoMerges() {
    auto tokenizer = makeTokenizer(smallVocabulary("kimi-k9"));
    QVERIFY(!tokenizer);
    QCOMPARE(tokenizer.error().code, ErrorCode::Unsupported);
    QVERIFY(tokenizer.error().message.find("kimi-k9") != std::string::npos);
    tokenizer = makeTokenizer(smallVocabulary("\xFF\n" + std::string(100'000, 'x')));
    QVERIFY(!tokenizer);
    QVERIFY(tokenizer.error().message.size() < 200);
    QVERIFY(tokenizer.error().message.find_first_of("\xFF\n") == std::string::npos);
    auto vocabulary = smallVocabulary("gpt-2");
    vocabulary.merges.clear();
    tokenizer = makeTokenizer(vocabulary);
    QVERIFY(!tokenizer);
    QCOMPARE(tokenizer.error().code, ErrorCode::FileDamaged);
}

QTEST_APPLESS_MAIN(BpeTokenizerTest)
#include "bpe_tokenizer_test.moc"
