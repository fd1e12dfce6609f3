// Prompts become tokens: BOS once, chats through the template, answers carried on in place.
#include <QtTest>

#include "engine/gguf/gguf_reader.h"
#include "engine/schedule/prompt_encoder.h"
#include "engine/token/tokenizer_factory.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

constexpr std::string_view kPlainTemplate =
    "{{ bos_token }}{% for message in messages %}[{{ message.role }}]"
    "{% if message.reasoning_content %}({{ message.reasoning_content }}){% endif %}"
    "{{ message.content | trim }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}";

std::shared_ptr<const PromptEncoder> encoderWith(std::string_view source) {
    const auto bytes = test::tinyModelBytes({});
    if (!bytes) return nullptr;
    const auto file = GgufFile::parse(*bytes, "tiny");
    if (!file) return nullptr;
    auto tokenizer = makeTokenizer(file->metadata());
    if (!tokenizer) return nullptr;
    return PromptEncoder::create(std::move(*tokenizer), source, 320);
}

}  // namespace

class PromptEncoderTest : public QObject {
    Q_OBJECT

private slots:
    void text_beginsWithBosOnce();
    void chat_isRenderedByTheTemplate();
    void continuing_leavesTheAnswerOpen();
    void continuing_insideThinkingOpensTheBlock();
    void continuing_refusesAQuestion();
    void thinkingSwitch_reachesTheTemplate();
    void template_thatFailsOnlyWhenRunFallsBack();
    void template_errorOfARequestIsItsError();
    void noTemplate_isChatMl();
    void noTokenizer_takesTokensOnly();
    void emptyPrompts_areRefused();
};

void PromptEncoderTest::text_beginsWithBosOnce() {
    const auto encoder = encoderWith("");
    QVERIFY(encoder);
    for (const char* text : {"the cat", "<s>the cat"}) {
        const auto encoded = encoder->encode(TextPrompt{text});
        QVERIFY(encoded);
        QCOMPARE(std::count(encoded->tokens.begin(), encoded->tokens.end(), 1), 1);
        QCOMPARE(encoded->tokens.front(), 1);
    }
}

void PromptEncoderTest::chat_isRenderedByTheTemplate() {
    const auto encoder = encoderWith(kPlainTemplate);
    QVERIFY(encoder);
    QVERIFY2(encoder->templateProblem().empty(), encoder->templateProblem().c_str());
    const auto encoded =
        encoder->encode(ChatPrompt{{{Role::System, "be kind", ""}, {Role::User, " hello ", ""}}});
    QVERIFY2(encoded, encoded ? "" : encoded.error().message.c_str());
    QCOMPARE(encoded->text, "<s>[system]be kind</s>[user]hello</s>[assistant]");
    QCOMPARE(std::count(encoded->tokens.begin(), encoded->tokens.end(), 1), 1);
}

void PromptEncoderTest::continuing_leavesTheAnswerOpen() {
    const auto encoder = encoderWith(kPlainTemplate);
    QVERIFY(encoder);
    ChatPrompt chat{{{Role::User, "hello", ""}, {Role::Assistant, "well, ", "hm"}}, true};
    const auto encoded = encoder->encode(chat);
    QVERIFY2(encoded, encoded ? "" : encoded.error().message.c_str());
    // Nothing after the answer's own text, not even the space it ended with is lost.
    QCOMPARE(encoded->text, "<s>[user]hello</s>[assistant](hm)well, ");
    QCOMPARE(encoded->openBlock, -1);
}

void PromptEncoderTest::continuing_insideThinkingOpensTheBlock() {
    const auto encoder = encoderWith(kPlainTemplate);
    QVERIFY(encoder);
    const auto encoded = encoder->encode(
        ChatPrompt{{{Role::User, "hello", ""}, {Role::Assistant, "", "let me"}}, true});
    QVERIFY(encoded);
    QCOMPARE(encoded->text, "<s>[user]hello</s>[assistant]<think>\nlet me");
    QVERIFY(encoded->openBlock >= 0);  // what comes next is still thinking
}

void PromptEncoderTest::continuing_refusesAQuestion() {
    const auto encoder = encoderWith(kPlainTemplate);
    const auto encoded = encoder->encode(ChatPrompt{{{Role::User, "hello", ""}}, true});
    QVERIFY(!encoded);
    QCOMPARE(encoded.error().code, ErrorCode::InvalidArgument);
}

void PromptEncoderTest::thinkingSwitch_reachesTheTemplate() {
    const auto encoder = encoderWith(
        "{% if enable_thinking is defined %}{{ enable_thinking }}{% else %}unset{% endif %}");
    QVERIFY(encoder);
    ChatPrompt chat{{{Role::User, "hello", ""}}};
    QCOMPARE(encoder->encode(chat)->text, "unset");
    chat.isThinking = false;
    QCOMPARE(encoder->encode(chat)->text, "False");
}

void PromptEncoderTest::template_thatFailsOnlyWhenRunFallsBack() {
    const auto encoder = encoderWith("{{ raise_exception('never') }}");
    QVERIFY(encoder->isUsingFallback());
    QVERIFY(!encoder->templateProblem().empty());
    const auto encoded = encoder->encode(ChatPrompt{{{Role::User, "hello", ""}}});
    QVERIFY(encoded);
    QVERIFY(encoded->text.find("<|im_start|>user\nhello<|im_end|>") != std::string::npos);
}

void PromptEncoderTest::template_errorOfARequestIsItsError() {
    const auto encoder = encoderWith(
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
        "{{ messages[0].content }}");
    QVERIFY(!encoder->isUsingFallback());
    const auto encoded = encoder->encode(ChatPrompt{{{Role::System, "be kind", ""}}});
    QVERIFY(!encoded);
    QCOMPARE(encoded.error().code, ErrorCode::BadTemplate);
    QVERIFY(encoded.error().message.find("no system role") != std::string::npos);
}

void PromptEncoderTest::noTemplate_isChatMl() {
    const auto encoder = encoderWith("");
    QVERIFY(encoder->isUsingFallback());
    QVERIFY(encoder->templateProblem().empty());
    const auto encoded = encoder->encode(ChatPrompt{{{Role::User, "hello", ""}}});
    QVERIFY(encoded);
    QVERIFY(encoded->text.ends_with("<|im_start|>assistant\n"));
}

void PromptEncoderTest::noTokenizer_takesTokensOnly() {
    const auto encoder = PromptEncoder::create(nullptr, "", 10);
    QCOMPARE(encoder->encode(TokenPrompt{{0, 9}})->tokens.size(), std::size_t{2});
    QVERIFY(!encoder->encode(TokenPrompt{{10}}));
    QVERIFY(!encoder->encode(TextPrompt{"hello"}));
    QVERIFY(!encoder->encode(ChatPrompt{{{Role::User, "hello", ""}}}));
}

void PromptEncoderTest::emptyPrompts_areRefused() {
    const auto encoder = PromptEncoder::create(nullptr, "", 10);
    QCOMPARE(encoder->encode(TokenPrompt{}).error().code, ErrorCode::InvalidArgument);
    QCOMPARE(encoderWith("")->encode(ChatPrompt{}).error().code, ErrorCode::InvalidArgument);
}

QTEST_APPLESS_MAIN(PromptEncoderTest)
#include "prompt_encoder_test.moc"
