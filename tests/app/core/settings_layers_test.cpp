#include "app/core/settings_layers.h"

#include <QTest>
#include <limits>

using namespace sotto;
using namespace sotto::app;

class SettingsLayersTest : public QObject {
    Q_OBJECT
private slots:
    void resolveSettings_lastLayerThatSetsAValueWins_data() {
        QTest::addColumn<std::string>("app");
        QTest::addColumn<std::string>("model");
        QTest::addColumn<std::string>("chat");
        QTest::addColumn<double>("temperature");
        QTest::addColumn<int>("source");
        const std::string none = "{}";
        const auto set = [](const char* value) {
            return std::string("{\"temperature\":") + value + "}";
        };
        const double standard = static_cast<double>(SamplingSettings().temperature);
        QTest::newRow("nothing set")
            << none << none << none << standard << static_cast<int>(Layer::Default);
        QTest::newRow("app") << set("0.1") << none << none << 0.1 << static_cast<int>(Layer::App);
        QTest::newRow("model") << set("0.1") << set("0.2") << none << 0.2
                               << static_cast<int>(Layer::Model);
        QTest::newRow("chat") << set("0.1") << set("0.2") << set("0.3") << 0.3
                              << static_cast<int>(Layer::Chat);
        QTest::newRow("chat over app")
            << set("0.1") << none << set("0.3") << 0.3 << static_cast<int>(Layer::Chat);
        QTest::newRow("the same value is still the chat's own")
            << set("0.1") << none << set("0.1") << 0.1 << static_cast<int>(Layer::Chat);
        QTest::newRow("zero is a value")
            << set("0.1") << none << set("0") << 0.0 << static_cast<int>(Layer::Chat);
        QTest::newRow("out of range is not set")
            << set("0.1") << none << set("-3") << 0.1 << static_cast<int>(Layer::App);
    }
    void resolveSettings_lastLayerThatSetsAValueWins() {
        QFETCH(std::string, app);
        QFETCH(std::string, model);
        QFETCH(std::string, chat);
        QFETCH(double, temperature);
        QFETCH(int, source);
        const EffectiveSettings settings =
            resolveSettings(settingsFromJson(app), settingsFromJson(model), settingsFromJson(chat));
        QCOMPARE(settings.numbers.at("temperature").value, temperature);
        QCOMPARE(static_cast<int>(settings.numbers.at("temperature").source), source);
        QCOMPARE(settings.numbers.size(), numberSettings().size());
    }

    void resolveSettings_anEmptySystemPromptHidesTheOneBelow() {
        const SettingsLayer app = settingsFromJson(R"({"systemPrompt":"Be brief."})");
        EffectiveSettings settings = resolveSettings(app, {}, {});
        QCOMPARE(settings.systemPrompt.value, std::string("Be brief."));
        QVERIFY(settings.systemPrompt.source == Layer::App);
        settings = resolveSettings(app, {}, settingsFromJson(R"({"systemPrompt":""})"));
        QCOMPARE(settings.systemPrompt.value, std::string());
        QVERIFY(settings.systemPrompt.source == Layer::Chat);
    }

    void resolveSettings_everyValueKnowsItsLayer() {
        EffectiveSettings settings = resolveSettings({}, {}, {});
        QVERIFY(settings.thinking.value == ThinkingSetting::Auto);
        QCOMPARE(settings.contextTokens.value, std::int64_t{0});
        QCOMPARE(settings.kvType.value, std::string("f16"));
        QVERIFY(settings.kvType.source == Layer::Default);
        settings = resolveSettings(settingsFromJson(R"({"thinking":"on","kvType":"f32"})"),
                                   settingsFromJson(R"({"thinking":"off","contextTokens":8192})"),
                                   settingsFromJson(R"({"thinking":"auto"})"));
        QVERIFY(settings.thinking.value == ThinkingSetting::Auto);
        QVERIFY(settings.thinking.source == Layer::Chat);
        QCOMPARE(settings.contextTokens.value, std::int64_t{8192});
        QVERIFY(settings.contextTokens.source == Layer::Model);
        QCOMPARE(settings.kvType.value, std::string("f32"));
        QVERIFY(settings.kvType.source == Layer::App);
    }

    void overflow_isKeptAndReachesTheRequest() {
        SettingsLayer chat = settingsFromJson(R"({"overflow":"sinks","dropped":[[42,5520]]})");
        QVERIFY(chat.overflow == OverflowWay::Sinks);
        QVERIFY(chat.dropped == std::vector<DroppedTurns>({{42, 5520}}));
        QVERIFY(!chat.isEmpty());
        QVERIFY(settingsFromJson(settingsToJson(chat)) == chat);
        GenerationRequest request;
        applySettings(resolveSettings({}, {}, chat), request);
        QVERIFY(request.overflow == Overflow::Sinks);
        applySettings(resolveSettings({}, {}, settingsFromJson(R"({"overflow":"drop"})")), request);
        QVERIFY(request.overflow == Overflow::Stop);
        QVERIFY(resetSetting(chat, kOverflowKey));
        QVERIFY(resetSetting(chat, kDroppedKey));
        QVERIFY(chat.isEmpty());
        // What is damaged has no effect, and stays as it was.
        for (const char* text :
             {R"({"dropped":[[1]]})", R"({"dropped":[[0,5]]})", R"({"dropped":[[1,-5]]})",
              R"({"dropped":"1"})", R"({"dropped":[]})", R"({"overflow":"burst"})"}) {
            const SettingsLayer damaged = settingsFromJson(text);
            QVERIFY2(damaged.dropped.empty() && !damaged.overflow, text);
            QCOMPARE(settingsToJson(damaged), std::string(text));
        }
    }

    void applySettings_guessesAsTheNearestLayerSays() {
        const auto draftOf = [](const char* app, const char* chat) {
            GenerationRequest request;
            applySettings(resolveSettings(settingsFromJson(app), {}, settingsFromJson(chat)),
                          request);
            return request.draft;
        };
        QVERIFY(draftOf("{}", "{}") == DraftKind::Off);
        QVERIFY(draftOf(R"({"draft":"ngram"})", "{}") == DraftKind::Ngram);
        QVERIFY(draftOf(R"({"draft":"ngram"})", R"({"draft":"off"})") == DraftKind::Off);
        const SettingsLayer later = settingsFromJson(R"({"draft":"heads"})");
        QVERIFY(!later.draft);
        QCOMPARE(settingsToJson(later), std::string(R"({"draft":"heads"})"));
        const SettingsLayer on = settingsFromJson(R"({"draft":"ngram"})");
        QVERIFY(settingsFromJson(settingsToJson(on)) == on);
    }

    void settingsFromJson_readsWhatEarlierVersionsWrote() {
        const SettingsLayer chat = settingsFromJson(
            R"({"sampling":{"maxTokens":512,"temperature":0.3},"systemPrompt":"Hi","thinking":2})");
        QCOMPARE(chat.numbers.size(), std::size_t{2});
        QCOMPARE(chat.numbers.at("temperature"), 0.3);
        QVERIFY(chat.thinking == ThinkingSetting::Off);
        QVERIFY(chat.systemPrompt == std::optional<std::string>("Hi"));
        QVERIFY(chat.others.empty());
        QVERIFY(settingsFromJson(settingsToJson(chat)) == chat);
        QVERIFY(settingsFromJson(R"({"isThinking":true})").thinking == ThinkingSetting::On);
        // What had no effect there gets none.
        const SettingsLayer odd =
            settingsFromJson(R"({"sampling":{"systemPrompt":"x","isThinking":true,"topK":1}})");
        QVERIFY(!odd.systemPrompt && !odd.thinking);
        QVERIFY(settingsFromJson(settingsToJson(odd)) == odd);
        // What was set later stands above what was left below.
        QCOMPARE(settingsFromJson(R"({"sampling":{"topK":3},"topK":4})").numbers.at("topK"), 4.0);
    }

    void settingsToJson_keepsWhatItDoesNotUnderstand() {
        const std::string json =
            R"({"kvType":"q9_0","overflow":{"way":"slide"},"temperature":99,"topK":7})";
        SettingsLayer layer = settingsFromJson(json);
        QCOMPARE(layer.numbers.size(), std::size_t{1});
        QVERIFY(!layer.load.kvType);
        QCOMPARE(settingsToJson(layer), json);
        layer.numbers["temperature"] = 0.5;
        QCOMPARE(settingsToJson(layer),
                 std::string(
                     R"({"kvType":"q9_0","overflow":{"way":"slide"},"temperature":0.5,"topK":7})"));
        QVERIFY(resetSetting(layer, "temperature"));
        QCOMPARE(settingsToJson(layer),
                 std::string(R"({"kvType":"q9_0","overflow":{"way":"slide"},"topK":7})"));
    }

    void resetSetting_takesOneValueOut() {
        SettingsLayer layer = settingsFromJson(
            R"({"systemPrompt":"","thinking":"on","contextTokens":0,"kvType":"f32","draft":"ngram","topK":1})");
        QVERIFY(!layer.isEmpty());
        for (const std::string_view key :
             {kSystemPromptKey, kThinkingKey, kContextTokensKey, kKvTypeKey, kDraftKey}) {
            QVERIFY(resetSetting(layer, key));
            QVERIFY(!resetSetting(layer, key));
        }
        QCOMPARE(settingsToJson(layer), std::string(R"({"topK":1})"));
        QVERIFY(resetSetting(layer, "topK"));
        QVERIFY(!resetSetting(layer, "nothing"));
        QVERIFY(layer.isEmpty());
    }

    void defaults_areTheEngines() {
        GenerationRequest request;
        applySettings(resolveSettings({}, {}, {}), request);
        const SamplingSettings expected;
        QCOMPARE(request.sampling.temperature, expected.temperature);
        QCOMPARE(request.sampling.topK, expected.topK);
        QCOMPARE(request.sampling.topP, expected.topP);
        QCOMPARE(request.sampling.minP, expected.minP);
        QCOMPARE(request.sampling.typicalP, expected.typicalP);
        QCOMPARE(request.sampling.repeatPenalty, expected.repeatPenalty);
        QCOMPARE(request.sampling.presencePenalty, expected.presencePenalty);
        QCOMPARE(request.sampling.frequencyPenalty, expected.frequencyPenalty);
        QCOMPARE(request.sampling.penaltyTokens, expected.penaltyTokens);
        QCOMPARE(request.sampling.dry.multiplier, expected.dry.multiplier);
        QVERIFY(!request.sampling.seed);
        QCOMPARE(request.maxTokens, GenerationRequest().maxTokens);
    }

    void applySettings_writesEveryNumber() {
        const SettingsLayer chat = settingsFromJson(
            R"({"temperature":0.25,"topK":7,"topP":0.5,"minP":0.125,"typicalP":0.75,
                "repeatPenalty":1.5,"presencePenalty":0.5,"frequencyPenalty":-0.5,
                "penaltyTokens":-1,"dryMultiplier":2,"maxTokens":99,"seed":9007199254740991})");
        QCOMPARE(chat.numbers.size(), numberSettings().size());
        GenerationRequest request;
        applySettings(resolveSettings({}, {}, chat), request);
        QCOMPARE(request.sampling.temperature, 0.25f);
        QCOMPARE(request.sampling.topK, 7);
        QCOMPARE(request.sampling.topP, 0.5f);
        QCOMPARE(request.sampling.minP, 0.125f);
        QCOMPARE(request.sampling.typicalP, 0.75f);
        QCOMPARE(request.sampling.repeatPenalty, 1.5f);
        QCOMPARE(request.sampling.presencePenalty, 0.5f);
        QCOMPARE(request.sampling.frequencyPenalty, -0.5f);
        QCOMPARE(request.sampling.penaltyTokens, -1);
        QCOMPARE(request.sampling.dry.multiplier, 2.0f);
        QCOMPARE(request.maxTokens, std::int64_t{99});
        QVERIFY(request.sampling.seed == std::optional<std::uint64_t>(9007199254740991u));
    }

    void settingsFromJson_takesOnlyWhatItKnows_data() {
        QTest::addColumn<std::string>("json");
        for (const char* json : {"",
                                 "{",
                                 "null",
                                 "[]",
                                 "12",
                                 "\"text\"",
                                 R"({"temperature":"hot"})",
                                 R"({"temperature":null})",
                                 R"({"temperature":1e999})",
                                 R"({"topK":2.5})",
                                 R"({"topP":1.01})",
                                 R"({"unknown":1})",
                                 R"({"systemPrompt":3})",
                                 R"({"isThinking":1})",
                                 R"({"thinking":3})",
                                 R"({"thinking":"maybe"})",
                                 R"({"contextTokens":-1})",
                                 R"({"contextTokens":1.5})",
                                 R"({"kvType":"f12"})",
                                 R"({"sampling":[1]})",
                                 R"({"seed":-2})",
                                 "{\"systemPrompt\":\"\xff\"}"}) {
            QTest::newRow(*json ? json : "empty") << std::string(json);
        }
    }
    void settingsFromJson_takesOnlyWhatItKnows() {
        QFETCH(std::string, json);
        const SettingsLayer layer = settingsFromJson(json);
        QVERIFY(layer.isEmpty());
    }

    void settingsToJson_comesBackTheSame() {
        SettingsLayer layer;
        for (const NumberSetting& setting : numberSettings()) {
            layer.numbers[std::string(setting.key)] = setting.maximum;
        }
        layer.systemPrompt = "Antworte \"kurz\".\n请简短回答。";
        layer.thinking = ThinkingSetting::On;
        layer.load.contextTokens = 4096;
        layer.load.kvType = "f32";
        QVERIFY(settingsFromJson(settingsToJson(layer)) == layer);
        QCOMPARE(settingsToJson({}), std::string("{}"));
        // What no range allows is not written, and broken UTF-8 does not throw.
        layer.numbers = {{"temperature", std::numeric_limits<double>::quiet_NaN()}, {"topK", 1.5}};
        layer.systemPrompt = "broken \xff";
        const SettingsLayer mended = settingsFromJson(settingsToJson(layer));
        QVERIFY(mended.numbers.empty());
        QVERIFY(mended.systemPrompt == std::optional<std::string>("broken \xef\xbf\xbd"));
    }
};

QTEST_APPLESS_MAIN(SettingsLayersTest)
#include "settings_layers_test.moc"
