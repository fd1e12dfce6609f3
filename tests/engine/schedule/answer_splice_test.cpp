// An answer is read again in the tokens that it was written in, where its text stands unchanged,
// and nowhere else; the text of the prompt is the same in any case.
#include "engine/schedule/answer_splice.h"

#include <QtTest>
#include <algorithm>

#include "engine/gguf/gguf_reader.h"
#include "engine/schedule/prompt_encoder.h"
#include "engine/token/tokenizer_factory.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

using Tokens = std::vector<std::int32_t>;

constexpr std::string_view kTemplate =
    "{{ bos_token }}{% for message in messages %}[{{ message.role }}]{{ message.content | trim }}"
    "{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

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

class AnswerSpliceTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        m_encoder = encoderWith(kTemplate);
        QVERIFY(m_encoder);
    }

    void answer_isReadInTheTokensThatItWasWrittenIn() {
        const Tokens written = lettersOf("the cat");
        const Tokens plain = encoded({}, "the cat");
        const Tokens spliced = encoded(written, "the cat");
        QVERIFY(spliced != plain);
        QVERIFY(std::ranges::search(spliced, written).begin() != spliced.end());
        QCOMPARE(textOf(spliced), textOf(plain));
    }

    // Several answers, of which some are known, one is said twice, and a question says the same.
    void eachAnswer_isItsOwn() {
        const Tokens written = lettersOf("the cat");
        ChatPrompt chat{{question("the cat"), answer("the cat", {}), question("again"),
                         answer("the cat", written), question("the cat")}};
        const auto spliced = m_encoder->encode(chat);
        QVERIFY(spliced);
        for (ChatMessage& message : chat.messages) message.tokens = {};
        const auto plain = m_encoder->encode(chat);
        QCOMPARE(textOf(spliced->tokens), textOf(plain->tokens));
        // Up to the second answer nothing is different.
        const auto place = std::ranges::search(spliced->tokens, written).begin();
        QVERIFY(place != spliced->tokens.end());
        const auto nBefore = place - spliced->tokens.begin();
        QVERIFY(std::equal(plain->tokens.begin(), plain->tokens.begin() + nBefore,
                           spliced->tokens.begin()));
        const std::string before = textOf({spliced->tokens.begin(), place});
        QVERIFY(before.find("again") != std::string::npos);
    }

    // What is carried on is not read again either.
    void answerThatGoesOn_isSpliced() {
        const Tokens written = lettersOf("the cat");
        ChatPrompt chat{{question("hello"), answer("the cat", written)}, true};
        const auto spliced = m_encoder->encode(chat);
        QVERIFY(spliced);
        QVERIFY(spliced->tokens.size() > written.size());
        QVERIFY(std::equal(written.rbegin(), written.rend(), spliced->tokens.rbegin()));
    }

    void tokensOfAnotherText_areNotUsed() {
        const Tokens plain = encoded({}, "the cat");
        QCOMPARE(encoded(lettersOf("the dog"), "the cat"), plain);
        QCOMPARE(encoded(lettersOf("the ca"), "the cat"), plain);
        QCOMPARE(encoded(lettersOf("the cats"), "the cat"), plain);
        QCOMPARE(encoded({100000, -1}, "the cat"), plain);
    }

    // Another vocabulary may have these ids for this very text, and mean another model's habits.
    void tokensOfAnotherVocabulary_areNotUsed() {
        ChatPrompt chat{{question("hello"), answer("the cat", lettersOf("the cat"))}};
        const auto spliced = m_encoder->encode(chat);
        chat.messages.back().tokens.vocabulary ^= 1;
        const auto foreign = m_encoder->encode(chat);
        chat.messages.back().tokens = {};
        const auto plain = m_encoder->encode(chat);
        QVERIFY(spliced && foreign && plain);
        QCOMPARE(foreign->tokens, plain->tokens);
        QVERIFY(spliced->tokens != plain->tokens);
    }

    // The end of a turn, which has no text of its own to a reader, must not come in that way.
    void controlTokens_areNotUsed() {
        Tokens written = lettersOf("the cat");
        written.push_back(m_encoder->tokenizer()->eosToken());
        QCOMPARE(encoded(written, "the cat"), encoded({}, "the cat"));
        QCOMPARE(encoded(written, "the cat</s>"), encoded({}, "the cat</s>"));
    }

    // It stands in front of all, and has no text where no template wrote it.
    void bos_stays() {
        const auto bare = encoderWith("{% for m in messages %}{{ m.content }}|{% endfor %}");
        QVERIFY(bare);
        const Tokens written = lettersOf("the cat");
        const auto spliced = bare->encode(ChatPrompt{{answer("the cat", written)}});
        QVERIFY(spliced);
        QCOMPARE(spliced->tokens.front(), m_encoder->tokenizer()->bosToken());
        QVERIFY(std::ranges::search(spliced->tokens, written).begin() ==
                spliced->tokens.begin() + 1);
    }

    void textThatTheTemplateChanged_isReadAsItStands() {
        // Trimmed.
        QCOMPARE(encoded(lettersOf(" the cat "), " the cat "), encoded({}, " the cat "));
        const auto shouting = encoderWith(
            "{% for m in messages %}<s>{{ m.content | upper }}"
            "{% endfor %}");
        QVERIFY(shouting);
        const Tokens written = lettersOf("the cat");
        const ChatPrompt chat{{question("hello"), answer("the cat", written)}};
        const auto spliced = shouting->encode(chat);
        QVERIFY(spliced);
        QVERIFY(std::ranges::search(spliced->tokens, written).begin() == spliced->tokens.end());
    }

private:
    std::shared_ptr<const PromptEncoder> m_encoder;

    static ChatMessage question(std::string text) { return {Role::User, std::move(text), {}, {}}; }
    ChatMessage answer(std::string text, Tokens tokens) const {
        return {Role::Assistant,
                std::move(text),
                {},
                {std::move(tokens), m_encoder->tokenizer()->fingerprint()}};
    }
    // One token for each letter: as no tokenizer would have it.
    Tokens lettersOf(const std::string& text) const {
        const Tokenizer& tokenizer = *m_encoder->tokenizer();
        Tokens tokens;
        for (const char letter : text)
            for (std::int32_t token = 0; token < tokenizer.size(); ++token)
                if (!tokenizer.isControl(token) &&
                    tokenizer.pieceBytes(token, true) == std::string(1, letter)) {
                    tokens.push_back(token);
                    break;
                }
        return tokens;
    }
    Tokens encoded(const Tokens& written, const std::string& text) const {
        const auto prompt = m_encoder->encode(
            ChatPrompt{{question("hello"), answer(text, written), question("go on")}});
        return prompt ? prompt->tokens : Tokens();
    }
    std::string textOf(const Tokens& tokens) const {
        return m_encoder->tokenizer()->decode(tokens, true);
    }
};

QTEST_APPLESS_MAIN(AnswerSpliceTest)
#include "answer_splice_test.moc"
