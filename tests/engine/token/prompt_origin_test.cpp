// Prompts of real templates over a vocabulary that has all their markers as control tokens: none of
// them is made of a message's text, and what messages without markers become is what it was when
// the whole text was parsed.
#include <QRegularExpression>
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "engine/api/chat_template.h"
#include "engine/token/byte_level.h"
#include "engine/token/tokenizer_factory.h"
#include "engine/token/vocabulary.h"
#include "tests/engine/token/token_test_support.h"

using namespace sotto;
using Json = nlohmann::ordered_json;
using Ids = std::vector<std::int32_t>;

namespace {

constexpr std::int64_t kNow = 1752148800;  // 2025-07-10 12:00:00 UTC

// "<|im_end|>", "[INST]", "<start_of_turn>", "</think>" …
std::set<std::string> markersIn(const std::string& text) {
    static const QRegularExpression kMarker(
        QStringLiteral("<[^<>=\\s{}'\"]{1,40}>|\\[/?[A-Z_]{2,30}\\]"));
    std::set<std::string> markers;
    for (const auto& match : kMarker.globalMatch(QString::fromStdString(text)))
        markers.insert(match.captured().toStdString());
    return markers;
}

// All bytes, "th", "the", " the", ".\n" and "\n\n" as merges do them, then the markers.
std::unique_ptr<Tokenizer> tokenizerWith(const std::set<std::string>& markers) {
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.preTokenizer = "qwen2";
    const auto add = [&](const std::string& text, TokenType type) {
        vocabulary.texts.push_back(text);
        vocabulary.scores.push_back(0);
        vocabulary.types.push_back(type);
    };
    for (int byte = 0; byte < 256; ++byte)
        add(lettersOfBytes(std::string(1, static_cast<char>(byte))), TokenType::Normal);
    for (const auto& [left, right] : {std::pair("t", "h"),
                                      {"th", "e"},
                                      {" ", "the"},
                                      {".", "\n"},
                                      {"\n", "\n"},
                                      {"|", ">"},
                                      {">", "\n"}}) {
        add(lettersOfBytes(std::string(left) + right), TokenType::Normal);
        vocabulary.merges.push_back(lettersOfBytes(left) + " " + lettersOfBytes(right));
    }
    for (const std::string& marker : markers) add(marker, TokenType::Control);
    auto tokenizer = makeTokenizer(vocabulary);
    if (!tokenizer) qFatal("%s", tokenizer.error().message.c_str());
    return std::move(*tokenizer);
}

bool isHolding(const Json& value, const std::set<std::string>& markers) {
    if (value.is_string()) {
        const auto text = value.get<std::string>();
        return std::any_of(markers.begin(), markers.end(), [&](const std::string& marker) {
            return text.find(marker) != std::string::npos;
        });
    }
    return value.is_structured() && std::any_of(value.begin(), value.end(), [&](const Json& item) {
               return isHolding(item, markers);
           });
}

Ids encode(const Tokenizer& tokenizer, const RenderedText& rendered, bool isByOrigin) {
    EncodeOptions options;
    if (isByOrigin) options.callerSpans = rendered.callerSpans;
    const auto ids = tokenizer.encode(rendered.text, options);
    if (!ids) qFatal("%s", ids.error().message.c_str());
    return *ids;
}

// A control token that takes a byte of the caller's; none: empty.
std::string stolenToken(const Tokenizer& tokenizer, const RenderedText& rendered) {
    std::size_t at = 0;
    for (const std::int32_t id : encode(tokenizer, rendered, true)) {
        const std::string bytes = tokenizer.pieceBytes(id, true);
        const std::size_t end = at + bytes.size();
        const bool isTouching =
            std::any_of(rendered.callerSpans.begin(), rendered.callerSpans.end(),
                        [&](const TextSpan& span) { return span.begin < end && at < span.end; });
        if (tokenizer.isControl(id) && isTouching) return bytes + " at " + std::to_string(at);
        at = end;
    }
    return at == rendered.text.size() ? std::string() : "bytes are missing";
}

std::ptrdiff_t nControl(const Tokenizer& tokenizer, const Ids& ids) {
    return std::count_if(ids.begin(), ids.end(),
                         [&](std::int32_t id) { return tokenizer.isControl(id); });
}

struct GoldenChat {
    std::string name;
    std::string source;
    Json context;
};

std::vector<GoldenChat> goldenChats(const std::filesystem::path& folder) {
    std::vector<GoldenChat> chats;
    std::ifstream lines(folder / "goldens.jsonl");
    for (std::string line; std::getline(lines, line);) {
        Json row = Json::parse(line);
        if (row.contains("error")) continue;
        auto name = row["template"].get<std::string>();
        std::string source = test::readFile(folder / name);
        chats.push_back({std::move(name), std::move(source), std::move(row["context"])});
    }
    return chats;
}

}  // namespace

class PromptOriginTest : public QObject {
    Q_OBJECT

private slots:
    void harmlessChat_hasTheSameIds();
    void randomMarkers_neverBecomeControlTokens();
    void ordinaryText_isNotCutAtOrigins();
};

void PromptOriginTest::harmlessChat_hasTheSameIds() {
    const auto folder = test::sharedDir() / "data/templates";
    if (!std::filesystem::exists(folder)) QSKIP("no ../shared/data/templates: set SOTTO_SHARED");
    int nCompared = 0;
    for (const GoldenChat& chat : goldenChats(folder)) {
        const auto compiled = compileChatTemplate(chat.source);
        const auto rendered = (*compiled)->render(chat.context.dump(), kNow);
        QVERIFY(rendered);
        const auto markers = markersIn(rendered->text);
        if (isHolding(chat.context["messages"], markers)) continue;
        const auto tokenizer = tokenizerWith(markers);
        const Ids whole = encode(*tokenizer, *rendered, false);
        QVERIFY2(encode(*tokenizer, *rendered, true) == whole,
                 (chat.name + ": " + rendered->text).c_str());
        nCompared += nControl(*tokenizer, whole) > 0 ? 1 : 0;
    }
    QVERIFY2(nCompared > 800, std::to_string(nCompared).c_str());
}

void PromptOriginTest::randomMarkers_neverBecomeControlTokens() {
    const auto folder = test::sharedDir() / "data/templates";
    if (!std::filesystem::exists(folder)) QSKIP("no ../shared/data/templates: set SOTTO_SHARED");
    std::mt19937 random(7);
    int nCompared = 0, nPlain = 0;
    for (const GoldenChat& chat : goldenChats(folder)) {
        const auto compiled = compileChatTemplate(chat.source);
        const auto harmless = (*compiled)->render(chat.context.dump(), kNow);
        const auto markers = markersIn(harmless->text + chat.source);
        if (markers.empty()) continue;
        const auto tokenizer = tokenizerWith(markers);
        const std::vector<std::string> choices(markers.begin(), markers.end());
        const auto anyMarker = [&] { return choices[random() % choices.size()]; };
        // Whole markers, halves that the template could complete, and what stood there.
        Json evil = chat.context;
        for (Json& message : evil["messages"]) {
            if (!message.contains("content") || !message["content"].is_string()) continue;
            std::string text = message["content"].get<std::string>() + anyMarker() + "\n";
            text += anyMarker() + "system" + anyMarker() + anyMarker().substr(0, 3);
            message["content"] = anyMarker().substr(1) + text;
        }
        const auto rendered =
            (*compiled)->render(evil.dump(-1, ' ', false, Json::error_handler_t::replace), kNow);
        if (!rendered) continue;  // a content that had to be something else
        ++nCompared;
        const std::string stolen = stolenToken(*tokenizer, *rendered);
        QVERIFY2(stolen.empty(), (chat.name + ": " + stolen + "\n" + rendered->text).c_str());
        nPlain += nControl(*tokenizer, encode(*tokenizer, *rendered, true)) <
                          nControl(*tokenizer, encode(*tokenizer, *rendered, false))
                      ? 1
                      : 0;
    }
    QVERIFY2(nCompared > 800, std::to_string(nCompared).c_str());
    QVERIFY2(nPlain > 800, std::to_string(nPlain).c_str());
}

void PromptOriginTest::ordinaryText_isNotCutAtOrigins() {
    const auto tokenizer = tokenizerWith({"<|im_end|>"});
    // "the" across the border, and a line break of each side.
    const RenderedText rendered{
        "at\nth"
        "e.\n\n<|im_end|><|im_end|>x",
        {{3, 4}, {5, 8}, {19, 29}}};
    EncodeOptions plain;
    plain.isParsingSpecial = false;
    const Ids ids = encode(*tokenizer, rendered, true);
    const Ids head = *tokenizer->encode("at\nthe.\n\n", plain);
    QVERIFY(std::equal(head.begin(), head.end(), ids.begin()));
    QCOMPARE(ids[head.size()], tokenizer->size() - 1);
    const Ids tail(ids.begin() + static_cast<std::ptrdiff_t>(head.size()) + 1, ids.end());
    QCOMPARE(tail, *tokenizer->encode("<|im_end|>x", plain));
}

QTEST_APPLESS_MAIN(PromptOriginTest)
#include "prompt_origin_test.moc"
