// The two models that the repository carries: they load, belong together, take any text, and the
// demo answers what the first-run page suggests. Their scores by rule are in their card.
#include <QtTest>
#include <algorithm>

#include "engine/api/inspect.h"
#include "engine/schedule/engine_impl.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/engine/api/event_log.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kContext = 1024;

fs::path modelFile(bool isDraft) {
    return fs::path(SOTTO_SOURCE_DIR) / "resources" / "demo_model" /
           (isDraft ? "sotto-demo-draft.gguf" : "sotto-demo.gguf");
}

EngineOptions engineOptions() {
    EngineOptions options;
    options.nThreads = 2;
    options.isMeasuringBandwidth = false;
    return options;
}

LoadOptions loadOptions(bool isDraft) {
    LoadOptions load;
    load.path = modelFile(isDraft);
    load.contextTokens = kContext;
    return load;
}

ChatPrompt question(const char* text) { return {.messages = {{Role::User, text, {}}}}; }

std::int32_t best(std::span<const float> logits) {
    return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) -
                                     logits.begin());
}

}  // namespace

class DemoModelsTest : public QObject {
    Q_OBJECT

private slots:
    void files_areOfTheSizeThatTheRepositoryCarries_data();
    void files_areOfTheSizeThatTheRepositoryCarries();
    void vocabularies_areTheSame();
    void tokenizer_takesAnyText();
    void question_isAnsweredToTheEnd_data();
    void question_isAnsweredToTheEnd();
    void draft_guessesWhatTheDemoWrites();
};

void DemoModelsTest::files_areOfTheSizeThatTheRepositoryCarries_data() {
    QTest::addColumn<bool>("isDraft");
    QTest::addColumn<quint64>("maxFileBytes");
    QTest::addColumn<quint64>("minParameters");
    QTest::addColumn<quint64>("maxParameters");
    QTest::newRow("demo") << false << quint64(16'000'000) << quint64(10'000'000)
                          << quint64(15'000'000);
    QTest::newRow("draft") << true << quint64(2'000'000) << quint64(1'000'000)
                           << quint64(2'000'000);
}

void DemoModelsTest::files_areOfTheSizeThatTheRepositoryCarries() {
    QFETCH(bool, isDraft);
    QFETCH(quint64, maxFileBytes);
    QFETCH(quint64, minParameters);
    QFETCH(quint64, maxParameters);
    const auto info = inspectModel(loadOptions(isDraft));
    QVERIFY2(info, info ? "" : info.error().message.c_str());
    QCOMPARE(info->architecture, std::string("llama"));
    QCOMPARE(info->quantization, std::string("Q8_0"));
    QVERIFY(info->fileBytes <= maxFileBytes);
    QVERIFY(info->parameters >= minParameters && info->parameters <= maxParameters);
    QVERIFY(info->trainedContext >= kContext);
    QVERIFY(info->nKvHeads < info->nHeads);  // grouped queries, as large models have them
    QVERIFY2(info->templateProblem.empty(), info->templateProblem.c_str());
}

void DemoModelsTest::vocabularies_areTheSame() {
    const auto demo = loadTokenizer(modelFile(false));
    const auto draft = loadTokenizer(modelFile(true));
    QVERIFY(demo && draft);
    QCOMPARE((*draft)->size(), (*demo)->size());
    QCOMPARE((*draft)->bosToken(), (*demo)->bosToken());
    QCOMPARE((*draft)->eosToken(), (*demo)->eosToken());
    for (std::int32_t token = 0; token < (*demo)->size(); ++token)
        QCOMPARE((*draft)->pieceBytes(token, true), (*demo)->pieceBytes(token, true));
}

void DemoModelsTest::tokenizer_takesAnyText() {
    const auto demo = loadTokenizer(modelFile(false));
    QVERIFY(demo);
    // Chinese, emoji with a joiner, code, control characters, and a control token typed as text.
    for (const std::string text : {"你好,世界!", "👩‍💻🎉", "int main() {\n\treturn 0;\n}",
                                   "\x01\x7f", "  two  blanks ", "a <|end|> b"}) {
        const auto tokens =
            (*demo)->encode(text, {.isAddingBos = false, .isParsingSpecial = false});
        QVERIFY(tokens);
        QCOMPARE((*demo)->decode(*tokens, true), text);
        QVERIFY(std::ranges::none_of(
            *tokens, [&](std::int32_t token) { return (*demo)->isControl(token); }));
    }
}

void DemoModelsTest::question_isAnsweredToTheEnd_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");  // in the answer, in any case
    QTest::newRow("itself") << "Who are you?"
                            << "Sotto demo model";
    QTest::newRow("the app") << "What can Sotto do?"
                             << "language models";
    QTest::newRow("privacy") << "Is this private?"
                             << "nothing";
    QTest::newRow("a key") << "How do I start a new chat?"
                           << "Ctrl+N";
    QTest::newRow("a fact") << "What colour is the sky?"
                            << "blue";
    QTest::newRow("a story") << "Tell me a short story about a fox."
                             << "fox";
    QTest::newRow("not English") << "你好"
                                 << "English";
}

void DemoModelsTest::question_isAnsweredToTheEnd() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    EventLog log;
    auto engine = EngineImpl::create(engineOptions(), log.sink(), {});
    QVERIFY(engine);
    (*engine)->load(loadOptions(false));
    GenerationRequest request;
    request.prompt = question(text.toUtf8().constData());
    request.sampling.temperature = 0;
    const RequestId id = (*engine)->submit(request);
    QVERIFY(log.waitForEnd(id));
    QCOMPARE(log.finished(id).reason, StopReason::EndOfText);
    const QString answer = QString::fromStdString(log.text(id));
    QVERIFY2(answer.contains(expected, Qt::CaseInsensitive), qPrintable(answer));
}

void DemoModelsTest::draft_guessesWhatTheDemoWrites() {
    const auto demo = loadForEvaluation(engineOptions(), loadOptions(false), kContext);
    const auto draft = loadForEvaluation(engineOptions(), loadOptions(true), kContext);
    QVERIFY(demo && draft);
    SequenceRunner writer(**demo), guesser(**draft);
    const auto prompt = (*demo)->prompts->encode(question("How do I load another model?"));
    QVERIFY(prompt);
    std::int32_t written = -1, guessed = -1;
    const auto keepWritten = [&](std::int64_t, std::span<const float> row) { written = best(row); };
    const auto keepGuessed = [&](std::int64_t, std::span<const float> row) { guessed = best(row); };
    std::vector<std::int32_t> next = prompt->tokens;
    int nWritten = 0, nGuessed = 0;
    while (nWritten < 60 && !(*demo)->prompts->tokenizer()->isEndOfGeneration(written)) {
        const auto last = writer.nTokens() + static_cast<std::int64_t>(next.size()) - 1;
        QVERIFY(writer.run(next, last, keepWritten, {}));
        QVERIFY(guesser.run(next, last, keepGuessed, {}));
        ++nWritten;
        nGuessed += written == guessed ? 1 : 0;
        next = {written};
    }
    // Two unrelated models would agree on hardly any of 6144 pieces; half is what makes drafts pay.
    QVERIFY2(nGuessed * 2 > nWritten, qPrintable(QString("%1 of %2").arg(nGuessed).arg(nWritten)));
}

QTEST_APPLESS_MAIN(DemoModelsTest)
#include "demo_models_test.moc"
