// Which tokens are turn markers by their template, and what that makes of prompts and answers.
#include "engine/token/turn_markers.h"

#include <QtTest>

#include "engine/gguf/gguf_reader.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/token/byte_level.h"
#include "engine/token/tokenizer_factory.h"

using namespace sotto;
using Ids = std::vector<std::int32_t>;

namespace {

constexpr std::string_view kDeepSeekEnd =
    "<\xEF\xBD\x9C"
    "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>";

constexpr std::string_view kDeepSeekUser = "<\xEF\xBD\x9CUser\xEF\xBD\x9C>";
constexpr std::int32_t kDeepSeekId = 261;

constexpr std::string_view kChatMl =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n<think>\n";

// All bytes (id = byte), then <|im_start|> 256, <|im_end|> 257, </s> 258, <think> 259, <|user|>
// 260, DeepSeek's end 261, <|tool|> 262 and [i] 263, which merges reach.
Vocabulary vocabularyTyped(TokenType markerType) {
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.preTokenizer = "llama-bpe";
    const auto add = [&](const std::string& text, TokenType type) {
        vocabulary.texts.push_back(text);
        vocabulary.scores.push_back(0);
        vocabulary.types.push_back(type);
    };
    for (int byte = 0; byte < 256; ++byte)
        add(lettersOfBytes(std::string(1, static_cast<char>(byte))), TokenType::Normal);
    add("<|im_start|>", markerType);
    add("<|im_end|>", markerType);
    add("</s>", TokenType::Normal);
    add("<think>", TokenType::UserDefined);
    add("<|user|>", markerType);
    add(std::string(kDeepSeekEnd), markerType);
    add("<|tool|>", markerType);
    add("[i]", TokenType::Normal);
    add("[i", TokenType::Normal);
    vocabulary.merges = {"a b", "[ i", "[i ]"};
    return vocabulary;
}

std::unique_ptr<Tokenizer> makeOrFail(const Vocabulary& vocabulary) {
    auto tokenizer = makeTokenizer(vocabulary);
    if (!tokenizer) qFatal("%s", tokenizer.error().message.c_str());
    return std::move(*tokenizer);
}

void addTypes() {
    QTest::addColumn<int>("type");
    for (const TokenType type : {TokenType::Normal, TokenType::UserDefined, TokenType::Unused,
                                 TokenType::Byte, TokenType::Control})
        QTest::addRow("%d", static_cast<int>(type)) << static_cast<int>(type);
}

}  // namespace

class TurnMarkersTest : public QObject {
    Q_OBJECT

private slots:
    void markersOfTheTemplate_areControlTokens_data();
    void markersOfTheTemplate_areControlTokens();
    void turnStarts_areKnownWhateverTheirType_data();
    void turnStarts_areKnownWhateverTheirType();
    void markerWrittenAroundTheRole_isFound();
    void markerThatTheFileNames_isFound_data();
    void markerThatTheFileNames_isFound();
    void sentencepiecesSpace_isInNoMarker();
    void markersOfAToolsTurn_areFound_data();
    void markersOfAToolsTurn_areFound();
    void markersOfEveryKindOfChat_areFound();
    void ordinaryPiece_isNoMarker_data();
    void ordinaryPiece_isNoMarker();
    void modelWithoutTemplate_hasChatMlsMarkers();
    void file_isReadWithItsTemplatesMarkers();
};

void TurnMarkersTest::markersOfTheTemplate_areControlTokens_data() { addTypes(); }

void TurnMarkersTest::turnStarts_areKnownWhateverTheirType_data() { addTypes(); }

void TurnMarkersTest::turnStarts_areKnownWhateverTheirType() {
    QFETCH(int, type);
    // An ordinary piece is in the letters of its bytes, one that was added to it is not.
    const bool isAdded = type == static_cast<int>(TokenType::UserDefined) ||
                         type == static_cast<int>(TokenType::Control);
    Vocabulary vocabulary = vocabularyTyped(static_cast<TokenType>(type));
    vocabulary.texts[kDeepSeekId] =
        isAdded ? std::string(kDeepSeekUser) : lettersOfBytes(kDeepSeekUser);
    const auto tokenizer = makeOrFail(vocabulary);
    for (std::int32_t token = -1; token <= tokenizer->size(); ++token)
        QCOMPARE(tokenizer->isTurnStart(token),
                 token == 256 || token == 260 || token == kDeepSeekId);
}

void TurnMarkersTest::markersOfTheTemplate_areControlTokens() {
    QFETCH(int, type);
    Vocabulary vocabulary = vocabularyTyped(static_cast<TokenType>(type));
    typeTurnMarkers(vocabulary, kChatMl);
    const auto tokenizer = makeOrFail(vocabulary);
    QVERIFY(tokenizer->isControl(256));
    QVERIFY(tokenizer->isEndOfGeneration(257));
    const std::string text = "<|im_start|>a<|im_end|>";
    QCOMPARE(*tokenizer->encode(text, {false, true}), (Ids{256, 'a', 257}));
    // In a message they are text.
    const TextSpan all{0, text.size()};
    QCOMPARE(tokenizer->encode(text, {false, true, {&all, 1}})->size(), text.size());
    // "</s>" is none of its markers and stays an ordinary word; thinking stays to be shown.
    QVERIFY(!tokenizer->isControl(258) && !tokenizer->isEndOfGeneration(258));
    QVERIFY(!tokenizer->isControl(259));
}

void TurnMarkersTest::markerWrittenAroundTheRole_isFound() {
    Vocabulary vocabulary = vocabularyTyped(TokenType::UserDefined);
    typeTurnMarkers(vocabulary,
                    "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}");
    QVERIFY(vocabulary.types[260] == TokenType::Control);
    QVERIFY(vocabulary.types[256] == TokenType::UserDefined);
}

void TurnMarkersTest::markerThatTheFileNames_isFound_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("token");
    for (const TokenType type : {TokenType::Normal, TokenType::UserDefined})
        for (const int token : {257, 261})
            QTest::addRow("%d of type %d", token, static_cast<int>(type))
                << static_cast<int>(type) << token;
}

void TurnMarkersTest::markerThatTheFileNames_isFound() {
    QFETCH(int, type);
    QFETCH(int, token);
    Vocabulary vocabulary = vocabularyTyped(static_cast<TokenType>(type));
    const std::string end = vocabulary.texts[static_cast<std::size_t>(token)];
    vocabulary.bosToken = 256;
    vocabulary.eosToken = token;
    // A template that refuses a chat without its tokens is a model's own all the same.
    typeTurnMarkers(vocabulary,
                    "{% if not eos_token %}{{ raise_exception('no end') }}{% endif %}"
                    "{{ bos_token }}{% for m in messages %}{{ '<|user|>' + m.content + eos_token }}"
                    "{% endfor %}");
    const auto tokenizer = makeOrFail(vocabulary);
    QVERIFY(tokenizer->isControl(260));
    QVERIFY(tokenizer->isControl(256) && tokenizer->isControl(token));
    QCOMPARE(*tokenizer->encode("a" + end, {false, true}), (Ids{'a', token}));
    const TextSpan all{0, end.size()};
    QCOMPARE(tokenizer->encode(end, {false, true, {&all, 1}})->size(), end.size());
}

void TurnMarkersTest::sentencepiecesSpace_isInNoMarker() {
    Vocabulary vocabulary = vocabularyTyped(TokenType::UserDefined);
    vocabulary.model = "llama";
    vocabulary.eosToken = 261;
    typeTurnMarkers(vocabulary, "{% for m in messages %}{{ m.content + eos_token }}{% endfor %}");
    QVERIFY(vocabulary.types[261] == TokenType::UserDefined);
}

void TurnMarkersTest::markersOfAToolsTurn_areFound_data() {
    QTest::addColumn<QString>("templateSource");
    const QString turns =
        "{% for m in messages %}{% if m.role == 'tool' %}<|tool|>{{ m.content }}"
        "{% elif m.tool_calls %}<|im_start|>{{ m.tool_calls[0].function.name }}"
        "{% else %}<|user|>{{ m.content }}{% endif %}{% endfor %}";
    QTest::newRow("any chat") << turns;
    QTest::newRow("no system message")
        << "{% if messages[0].role == 'system' %}{{ raise_exception('system') }}{% endif %}" +
               turns;
    QTest::newRow("behind a call only")
        << "{% for m in messages %}{% if m.role == 'tool' and not loop.previtem.tool_calls %}"
           "{{ raise_exception('no call') }}{% endif %}{% endfor %}" +
               turns;
    QTest::newRow("ids of nine characters")
        << "{% for m in messages %}{% if m.role == 'tool' and m.tool_call_id | length != 9 %}"
           "{{ raise_exception('id') }}{% endif %}{% endfor %}" +
               turns;
}

void TurnMarkersTest::markersOfAToolsTurn_areFound() {
    QFETCH(QString, templateSource);
    Vocabulary vocabulary = vocabularyTyped(TokenType::UserDefined);
    typeTurnMarkers(vocabulary, templateSource.toStdString());
    QVERIFY(vocabulary.types[260] == TokenType::Control);
    QVERIFY(vocabulary.types[262] == TokenType::Control);
    // What a call is written in is part of an answer.
    QVERIFY(vocabulary.types[256] == TokenType::UserDefined);
}

void TurnMarkersTest::markersOfEveryKindOfChat_areFound() {
    Vocabulary vocabulary = vocabularyTyped(TokenType::UserDefined);
    // One marker stands only in chats without a system message.
    typeTurnMarkers(vocabulary,
                    "{% if messages[0].role != 'system' %}<|im_start|>{% endif %}"
                    "{% for m in messages %}<|user|>{{ m.content }}{% endfor %}");
    QVERIFY(vocabulary.types[256] == TokenType::Control);
    QVERIFY(vocabulary.types[260] == TokenType::Control);
}

void TurnMarkersTest::ordinaryPiece_isNoMarker_data() {
    QTest::addColumn<bool>("isSentencepiece");
    QTest::newRow("bpe") << false;
    QTest::newRow("sentencepiece") << true;
}

void TurnMarkersTest::ordinaryPiece_isNoMarker() {
    QFETCH(bool, isSentencepiece);
    Vocabulary vocabulary = vocabularyTyped(TokenType::Normal);
    if (isSentencepiece) {
        vocabulary.model = "llama";
        vocabulary.merges.clear();
    }
    const std::string_view source =
        "Write [i] as x[i].{% for m in messages %}<|user|>{{ m.content }}{% endfor %}";
    typeTurnMarkers(vocabulary, source);
    QVERIFY(vocabulary.types[260] == TokenType::Control);
    QVERIFY(vocabulary.types[263] == TokenType::Normal);
    vocabulary.eosToken = 263;  // the file itself says that this one is a marker
    typeTurnMarkers(vocabulary, source);
    QVERIFY(vocabulary.types[263] == TokenType::Control);
}

void TurnMarkersTest::modelWithoutTemplate_hasChatMlsMarkers() {
    for (const char* source : {"", "{% broken"}) {
        Vocabulary vocabulary = vocabularyTyped(TokenType::Normal);
        typeTurnMarkers(vocabulary, source);
        QVERIFY(vocabulary.types[257] == TokenType::Control);
        QVERIFY(vocabulary.types[260] == TokenType::Normal);
    }
}

void TurnMarkersTest::file_isReadWithItsTemplatesMarkers() {
    const Vocabulary vocabulary = vocabularyTyped(TokenType::Normal);
    GgufWriter writer;
    writer.addValue("general.architecture", std::string("llama"));
    writer.addValue("tokenizer.ggml.model", vocabulary.model);
    writer.addValue("tokenizer.ggml.pre", vocabulary.preTokenizer);
    writer.addValue("tokenizer.ggml.tokens", vocabulary.texts);
    writer.addValue("tokenizer.ggml.merges", vocabulary.merges);  // and no types at all
    writer.addValue("tokenizer.chat_template", std::string(kChatMl));
    const auto bytes = writer.headerBytes();
    QVERIFY(bytes);
    const auto file = GgufFile::parseHeader(*bytes, "markers");
    QVERIFY2(file, file ? "" : file.error().message.c_str());
    const auto tokenizer = makeTokenizer(file->metadata());
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().message.c_str());
    QCOMPARE(*(*tokenizer)->encode("<|im_start|>a<|im_end|></s>", {false, true}),
             (Ids{256, 'a', 257, '<', '/', 's', '>'}));
    QVERIFY((*tokenizer)->isEndOfGeneration(257));
    QVERIFY(!(*tokenizer)->isEndOfGeneration(258));
}

QTEST_APPLESS_MAIN(TurnMarkersTest)
#include "turn_markers_test.moc"
