// Sentencepiece tokenizers against the ids of other implementations, and against the definition on
// vocabularies small enough to work out by hand.
#include "engine/token/spm_tokenizer.h"

#include <sentencepiece_processor.h>

#include <QtTest>

#include "engine/token/tokenizer_factory.h"
#include "engine/token/utf8.h"
#include "tests/engine/token/token_test_support.h"

using namespace sotto;
using namespace sotto::test;

namespace {

using Ids = std::vector<std::int32_t>;

const EncodeOptions kPlain{.isAddingBos = false, .isParsingSpecial = false};

std::string show(const Ids& ids) {
    std::string text;
    for (const auto id : ids) text += std::to_string(id) + ' ';
    return text;
}

// unk, bos, eos, 256 bytes, then the pieces given, each better than the next.
Vocabulary makeVocabulary(const std::vector<std::pair<std::string, TokenType>>& pieces) {
    Vocabulary vocabulary;
    vocabulary.model = "llama";
    vocabulary.unknownToken = 0;
    vocabulary.bosToken = 1;
    vocabulary.eosToken = 2;
    const auto add = [&](std::string text, TokenType type) {
        vocabulary.scores.push_back(-static_cast<float>(vocabulary.texts.size()));
        vocabulary.texts.push_back(std::move(text));
        vocabulary.types.push_back(type);
    };
    add("<unk>", TokenType::Unknown);
    add("<s>", TokenType::Control);
    add("</s>", TokenType::Control);
    for (int byte = 0; byte < 256; ++byte) {
        add(QString("<0x%1>")
                .arg(byte, 2, 16, QChar('0'))
                .toUpper()
                .replace('X', 'x')
                .toStdString(),
            TokenType::Byte);
    }
    for (const auto& [text, type] : pieces) add(text, type);
    return vocabulary;
}

constexpr std::int32_t kFirst = 259;  // the id of the first piece given to makeVocabulary

std::unique_ptr<Tokenizer> makeOrFail(const Vocabulary& vocabulary) {
    auto tokenizer = makeTokenizer(vocabulary);
    if (!tokenizer) qFatal("%s", tokenizer.error().message.c_str());
    return std::move(*tokenizer);
}

}  // namespace

class SpmTokenizerTest : public QObject {
    Q_OBJECT

private slots:
    void ggmlVocab_idsMatchAndTextsReturn_data();
    void ggmlVocab_idsMatchAndTextsReturn();
    void modelFile_idsMatchAndTextsReturn_data();
    void modelFile_idsMatchAndTextsReturn();
    void modelFile_returnsRandomUnicode_data() { modelFile_idsMatchAndTextsReturn_data(); }
    void modelFile_returnsRandomUnicode();
    void encode_mergesBestScoreFirst();
    void encode_fallsBackToBytes();
    void encode_parsesControlOnlyWhenAsked();
    void encode_parsesUserDefinedAlways();
    void encode_addsPrefixAfterSpecialAndDecodeRemovesIt();
    void encode_refusesInvalidUtf8WithOffset();
    void encode_refusesWhatTheVocabularyCannotExpress();
    void encode_choosesBestSumInUnigram();
    void encode_manyRepeatsStayLinear();
    void encode_longTextIsThatOfTheLibrary_data() { modelFile_idsMatchAndTextsReturn_data(); }
    void encode_longTextIsThatOfTheLibrary();
    void create_repairsPaddedVocabulary();
    void endOfGeneration_knowsDeclaredAndWellKnown();
    void endOfGeneration_harmonyEndIsNoEnd();
    void pieceBytes_outOfRangeIsEmpty();
    void factory_namesUnknownTokenizer();
    void encode_neverSplitsAtHugeSpecials();
};

void SpmTokenizerTest::ggmlVocab_idsMatchAndTextsReturn_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"llama-spm", "phi-3"}) QTest::newRow(name) << name;
}

void SpmTokenizerTest::ggmlVocab_idsMatchAndTextsReturn() {
    QFETCH(QString, name);
    const auto path =
        sharedDir() / "data/tokenizers/ggml-vocab" / ("ggml-vocab-" + name.toStdString() + ".gguf");
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers/ggml-vocab is not here");
    const auto tokenizer = loadTokenizer(path);
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().message.c_str());
    const auto rows = readGgmlVocabGoldens(path);
    QVERIFY(rows.size() >= 40);
    for (const auto& row : rows) {
        const auto ids = (*tokenizer)->encode(row.text, {false, true});
        QVERIFY(ids);
        QVERIFY2(*ids == row.ids, (row.text + ": " + show(*ids) + "!= " + show(row.ids)).c_str());
        QCOMPARE((*tokenizer)->decode(*ids, true), row.text);
    }
}

void SpmTokenizerTest::modelFile_idsMatchAndTextsReturn_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"llama2", "mistral-v3"}) QTest::newRow(name) << name;
}

void SpmTokenizerTest::modelFile_idsMatchAndTextsReturn() {
    QFETCH(QString, name);
    const auto folder = sharedDir() / "data/tokenizers";
    const std::string file = "hf/" + name.toStdString() + "/tokenizer.model";
    if (!std::filesystem::exists(folder / file)) QSKIP("shared/data/tokenizers/hf is not here");
    const auto tokenizer = makeOrFail(readSentencepieceFile(folder / file));
    const auto rows = readTokenizerGoldens(folder / "goldens.jsonl", "tokenizers/" + file);
    QVERIFY(rows.size() >= 44);
    for (const auto& row : rows) {
        const auto ids = tokenizer->encode(row.text, {false, true});
        QVERIFY(ids);
        QVERIFY2(*ids == row.ids, (row.text + ": " + show(*ids) + "!= " + show(row.ids)).c_str());
        QCOMPARE(tokenizer->decode(*ids, true), row.text);
    }
}

void SpmTokenizerTest::modelFile_returnsRandomUnicode() {
    QFETCH(QString, name);
    const auto path = sharedDir() / "data/tokenizers/hf" / name.toStdString() / "tokenizer.model";
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers/hf is not here");
    const auto tokenizer = makeOrFail(readSentencepieceFile(path));
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const std::string text = randomUnicode(seed, static_cast<int>(seed));
        const auto ids = tokenizer->encode(text, kPlain);
        QVERIFY(ids);
        QVERIFY2(tokenizer->decode(*ids, true) == text, std::to_string(seed).c_str());
    }
}

void SpmTokenizerTest::encode_mergesBestScoreFirst() {
    // "ab" has the better score than "bc", so "abc" is ab + c although bc + a would be possible.
    auto vocabulary = makeVocabulary({{"ab", TokenType::Normal},
                                      {"bc", TokenType::Normal},
                                      {"a", TokenType::Normal},
                                      {"b", TokenType::Normal},
                                      {"c", TokenType::Normal}});
    vocabulary.isAddingSpacePrefix = false;
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("abc", kPlain), (Ids{kFirst, kFirst + 4}));
    QCOMPARE(*tokenizer->encode("bcab", kPlain), (Ids{kFirst + 1, kFirst}));
    QCOMPARE(*tokenizer->encode("", kPlain), Ids{});
    QCOMPARE(*tokenizer->encode("", {true, false}), Ids{1});
}

void SpmTokenizerTest::encode_fallsBackToBytes() {
    auto vocabulary = makeVocabulary({{"\xE2\x96\x81", TokenType::Normal}});
    const auto tokenizer = makeOrFail(vocabulary);
    // é = C3 A9; byte b has the id 3 + b.
    QCOMPARE(*tokenizer->encode("\xC3\xA9", kPlain), (Ids{kFirst, 3 + 0xC3, 3 + 0xA9}));
    QCOMPARE(tokenizer->pieceBytes(3 + 0xC3, false), std::string("\xC3"));
    QCOMPARE(tokenizer->decode({kFirst, 3 + 0xC3, 3 + 0xA9}, false), std::string("\xC3\xA9"));
    QCOMPARE(tokenizer->decode(*tokenizer->encode(std::string_view("\0x", 2), kPlain), false),
             std::string("\0x", 2));
}

void SpmTokenizerTest::encode_parsesControlOnlyWhenAsked() {
    auto vocabulary = makeVocabulary({{"<|im_end|>", TokenType::Control}});
    vocabulary.isAddingSpacePrefix = false;
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("<|im_end|>", {false, true}), Ids{kFirst});
    const auto plain = *tokenizer->encode("<|im_end|>", kPlain);
    QCOMPARE(plain.size(), std::size_t{10});  // one byte token per character
    QCOMPARE(tokenizer->decode(plain, false), std::string("<|im_end|>"));
    QVERIFY(tokenizer->isControl(kFirst));
    QCOMPARE(tokenizer->pieceBytes(kFirst, false), std::string());
    QCOMPARE(tokenizer->pieceBytes(kFirst, true), std::string("<|im_end|>"));
    QCOMPARE(tokenizer->decode({kFirst, 3 + 'x', kFirst}, false), std::string("x"));
}

void SpmTokenizerTest::encode_parsesUserDefinedAlways() {
    auto vocabulary =
        makeVocabulary({{"<think>", TokenType::UserDefined}, {"<think>x", TokenType::UserDefined}});
    vocabulary.isAddingSpacePrefix = false;
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("<think>", kPlain), Ids{kFirst});
    QCOMPARE(*tokenizer->encode("<think>x<think>", kPlain), (Ids{kFirst + 1, kFirst}));
    QCOMPARE(tokenizer->pieceBytes(kFirst, false), std::string("<think>"));
}

void SpmTokenizerTest::encode_addsPrefixAfterSpecialAndDecodeRemovesIt() {
    const auto tokenizer = makeOrFail(makeVocabulary({{"<|end|>", TokenType::Control},
                                                      {"\xE2\x96\x81", TokenType::Normal},
                                                      {"a", TokenType::Normal}}));
    const Ids expected{kFirst + 1, kFirst + 2, kFirst, kFirst + 1, kFirst + 2};
    QCOMPARE(*tokenizer->encode("a<|end|>a", {false, true}), expected);
    QCOMPARE(tokenizer->decode(expected, true), std::string("a<|end|>a"));
    for (const std::string text : {" a", "  a<|end|> a ", "<|end|>", " ", "<|end|> "}) {
        QCOMPARE(tokenizer->decode(*tokenizer->encode(text, {false, true}), true), text);
    }
}

void SpmTokenizerTest::encode_refusesInvalidUtf8WithOffset() {
    const auto tokenizer = makeOrFail(makeVocabulary({}));
    const auto ids = tokenizer->encode("ab\xFF", kPlain);
    QVERIFY(!ids);
    QCOMPARE(ids.error().code, ErrorCode::InvalidArgument);
    QVERIFY(ids.error().message.find("byte 2") != std::string::npos);
}

void SpmTokenizerTest::encode_refusesWhatTheVocabularyCannotExpress() {
    Vocabulary vocabulary;
    vocabulary.model = "llama";
    vocabulary.texts = {"a", "\xE2\x96\x81"};
    vocabulary.scores = {0, 0};
    vocabulary.types = {TokenType::Normal, TokenType::Normal};
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("a", kPlain), (Ids{1, 0}));
    const auto ids = tokenizer->encode("b", kPlain);
    QVERIFY(!ids);
    QCOMPARE(ids.error().code, ErrorCode::InvalidArgument);
}

void SpmTokenizerTest::encode_choosesBestSumInUnigram() {
    // Unigram maximises the sum of scores: ab+c = -3, a+bc = -5, a+b+c = -9.
    Vocabulary vocabulary;
    vocabulary.model = "t5";
    vocabulary.unknownToken = 0;
    vocabulary.isAddingSpacePrefix = false;
    vocabulary.texts = {"<unk>", "a", "b", "c", "ab", "bc"};
    vocabulary.scores = {0, -3, -4, -2, -1, -2};
    vocabulary.types.assign(6, TokenType::Normal);
    vocabulary.types[0] = TokenType::Unknown;
    const auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("abc", kPlain), (Ids{4, 3}));
    QVERIFY(!tokenizer->isAddingBosByDefault());
}

void SpmTokenizerTest::encode_manyRepeatsStayLinear() {
    // A quadratic step would take many minutes on these: the test's time limit is the judge.
    const auto path = sharedDir() / "data/tokenizers/ggml-vocab/ggml-vocab-llama-spm.gguf";
    if (!std::filesystem::exists(path)) QSKIP("shared/data/tokenizers/ggml-vocab is not here");
    const auto tokenizer = loadTokenizer(path);
    QVERIFY(tokenizer);
    for (const std::string unit : {"a", " ", "\n", "</s", "\xE4\xBD\xA0", "\x01"}) {
        std::string text;
        while (text.size() < 100'000) text += unit;
        const auto ids = (*tokenizer)->encode(text, {false, true});
        QVERIFY(ids);
        QVERIFY((*tokenizer)->decode(*ids, false) == text);
    }
}

void SpmTokenizerTest::encode_longTextIsThatOfTheLibrary() {
    // Long texts are encoded in parts: the library itself, given the whole, must agree.
    QFETCH(QString, name);
    const auto path = sharedDir() / "data/tokenizers/hf" / name.toStdString() / "tokenizer.model";
    const auto prosePath = sharedDir() / "data/text/wikitext2-test.raw";
    if (!std::filesystem::exists(path) || !std::filesystem::exists(prosePath)) {
        QSKIP("shared/data is not here");
    }
    sentencepiece::SentencePieceProcessor library;
    QVERIFY(library.LoadFromSerializedProto(readFile(path)).ok());
    const auto tokenizer = makeOrFail(readSentencepieceFile(path));
    std::vector<std::string> texts{readFile(prosePath).substr(0, 60'000), std::string(9000, ' ')};
    texts[0].resize(findInvalidUtf8(texts[0]).value_or(texts[0].size()));
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        std::string mixed = randomUnicode(seed, 20'000);
        // Literal U+2581 before a space, where a cut would separate a run of spaces.
        for (std::size_t place = 4000; place < mixed.size(); place += 4000) {
            while ((static_cast<unsigned char>(mixed[place]) & 0xC0U) == 0x80) ++place;
            mixed.insert(place, place % 8000 < 4000 ? "\xE2\x96\x81 x" : "a  b c");
        }
        texts.push_back(mixed);
    }
    for (const std::string& text : texts) {
        std::vector<int> expected;
        QVERIFY(library.Encode(text, &expected).ok());
        const auto ids = tokenizer->encode(text, kPlain);
        QVERIFY(ids);
        QVERIFY(*ids == expected);
    }
}

void SpmTokenizerTest::create_repairsPaddedVocabulary() {
    auto vocabulary = makeVocabulary({{"a", TokenType::Normal},
                                      {"a", TokenType::Normal},
                                      {"", TokenType::Normal},
                                      {"", TokenType::Unknown},
                                      {"[PAD]", TokenType::Unknown},
                                      {std::string("a\0b", 3), TokenType::UserDefined},
                                      {"b", TokenType::Normal}});
    vocabulary.isAddingSpacePrefix = false;
    auto tokenizer = makeOrFail(vocabulary);
    QCOMPARE(tokenizer->size(), vocabulary.size());
    QCOMPARE(*tokenizer->encode("ab", kPlain), (Ids{kFirst, kFirst + 6}));

    // Without an unknown piece, and with one byte piece missing: no byte fallback, still usable.
    vocabulary.unknownToken = -1;
    vocabulary.types[0] = TokenType::Control;
    vocabulary.types[3 + 'z'] = TokenType::Normal;
    vocabulary.texts[kFirst + 3] = "q";
    vocabulary.types[kFirst + 3] = TokenType::Normal;
    vocabulary.types[kFirst + 4] = TokenType::Normal;
    tokenizer = makeOrFail(vocabulary);
    QCOMPARE(*tokenizer->encode("ab", kPlain), (Ids{kFirst, kFirst + 6}));
    QVERIFY(!tokenizer->encode("z", kPlain));
}

void SpmTokenizerTest::endOfGeneration_knowsDeclaredAndWellKnown() {
    auto vocabulary = makeVocabulary({{"<|im_end|>", TokenType::Control},
                                      {"<|eot_id|>", TokenType::Normal},
                                      {"stop", TokenType::Normal},
                                      {"<end_of_turn>", TokenType::UserDefined},
                                      {"<|end|>", TokenType::Control}});
    vocabulary.eotToken = kFirst + 2;
    const auto tokenizer = makeOrFail(vocabulary);
    QVERIFY(tokenizer->isEndOfGeneration(2));  // declared EOS
    QVERIFY(tokenizer->isEndOfGeneration(kFirst));
    QVERIFY(!tokenizer->isEndOfGeneration(kFirst + 1));  // ordinary text of that form
    QVERIFY(tokenizer->isEndOfGeneration(kFirst + 2));   // declared EOT
    QVERIFY(tokenizer->isEndOfGeneration(kFirst + 3));
    QVERIFY(tokenizer->isEndOfGeneration(kFirst + 4));
    QVERIFY(!tokenizer->isEndOfGeneration(1));
    QVERIFY(!tokenizer->isEndOfGeneration(-1));
    QVERIFY(!tokenizer->isEndOfGeneration(1 << 30));
}

void SpmTokenizerTest::endOfGeneration_harmonyEndIsNoEnd() {
    const auto tokenizer = makeOrFail(makeVocabulary({{"<|return|>", TokenType::Control},
                                                      {"<|call|>", TokenType::Control},
                                                      {"<|end|>", TokenType::Control}}));
    QVERIFY(tokenizer->isEndOfGeneration(kFirst));
    QVERIFY(tokenizer->isEndOfGeneration(kFirst + 1));
    QVERIFY(!tokenizer->isEndOfGeneration(kFirst + 2));
}

void SpmTokenizerTest::pieceBytes_outOfRangeIsEmpty() {
    const auto tokenizer = makeOrFail(makeVocabulary({{"a", TokenType::Normal}}));
    QCOMPARE(tokenizer->pieceBytes(-1, true), std::string());
    QCOMPARE(tokenizer->pieceBytes(tokenizer->size(), true), std::string());
    QCOMPARE(tokenizer->decode({-5, kFirst, 1 << 30}, true), std::string("a"));
    QCOMPARE(tokenizer->description(), std::string("spm, 260 pieces"));
}

void SpmTokenizerTest::factory_namesUnknownTokenizer() {
    Vocabulary vocabulary = makeVocabulary({});
    vocabulary.model = "rwkv";
    const auto tokenizer = makeTokenizer(vocabulary);
    QVERIFY(!tokenizer);
    QCOMPARE(tokenizer.error().code, ErrorCode::Unsupported);
    QVERIFY(tokenizer.error().message.find("rwkv") != std::string::npos);

    vocabulary.model = "\xFF\n" + std::string(100'000, 'x');
    const auto hostile = makeTokenizer(vocabulary);
    QVERIFY(!hostile);
    QVERIFY(hostile.error().message.size() < 200);
    QVERIFY(hostile.error().message.find_first_of("\xFF\n") == std::string::npos);
}

// Plainly searched, the 1 MB token would be tried for a megabyte at each place of the text.
void SpmTokenizerTest::encode_neverSplitsAtHugeSpecials() {
    const std::string longest(256, '!');
    const std::string huge = std::string(1'000'000, '?') + "!";
    const auto tokenizer =
        makeOrFail(makeVocabulary({{longest, TokenType::Control}, {huge, TokenType::Control}}));
    const auto ids = tokenizer->encode(longest + std::string(1'000'000, '?'), {false, true});
    QVERIFY(ids);
    QCOMPARE(ids->front(), kFirst);
    QVERIFY(std::find(ids->begin(), ids->end(), kFirst + 1) == ids->end());
    QVERIFY(!tokenizer->encode(huge, {false, true})->empty());
}

QTEST_APPLESS_MAIN(SpmTokenizerTest)
#include "spm_tokenizer_test.moc"
