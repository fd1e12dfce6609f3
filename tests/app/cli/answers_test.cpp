// generate and chat through pipes, and Ctrl-C.
#include <QtTest>
#include <fstream>
#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#include <csignal>
#endif

#include "tests/app/cli/cli_process.h"
#include "tests/support/scripted_gguf.h"

using namespace sotto::test;
using nlohmann::json;

namespace {

constexpr const char* kTemplate =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>";

}  // namespace

class CliAnswersTest : public QObject {
    Q_OBJECT
private slots:
    void generate_continuesAsTheGoldenFile();
    void generate_tellsEachSampledTokenOnce();
    void generate_endsByTheTokensThatAreEnds_data();
    void generate_endsByTheTokensThatAreEnds();
    void generate_saysWhereTheContextEnds();
    void generate_isRepeatableBySeed();
    void generate_streamsTheAnswerToStdout();
    void generate_takesThePromptFromAnywhere();
    void generate_tellsTheSeedItDraws();
    void generate_warnsOfWhatAModelLacks_data();
    void generate_warnsOfWhatAModelLacks();
    void closedPipe_endsQuietly_data();
    void closedPipe_endsQuietly();
    void generate_refusesWhatDoesNotFit();
    void generate_guessesTheSameAnswer();
    void chat_answersOverAPipe();
    void chat_savesTheConversation();
    void chat_reportsUnknownCommands();
    void chat_speaksJsonLines();
    void chat_fullContext_saysWhatCanBeDone();
    void stats_leaveOutWhatTooFewTokensCannotSay();
    void interrupt_cancelsAndLeavesNoFile();
};

void CliAnswersTest::generate_continuesAsTheGoldenFile() {
    const CliFolder folder;
    std::ifstream stream(goldenFile("llama/manifest.json").toStdString());
    const json golden = json::parse(stream)["variants"]["f32"];
    const QString tokens =
        folder.write("t.json", QByteArray::fromStdString(golden["tokens"].dump()));
    const CliResult result = runCli({"generate", goldenFile("llama/f32.gguf"), "--tokens", tokens,
                                     "-n", "32", "--temp", "0", "--kv", "f32", "--json"});
    QVERIFY2(result.status == 0, result.err.constData());
    const json answer = result.json();
    for (const char* key : {"text", "ids", "stop_reason", "stats"}) QVERIFY(answer.contains(key));
    // golden README: equal up to the first step where the two best are nearly tied (1e-3); the
    // smallest margin of this file is 0.03. The golden run does not stop at the end of text.
    const auto expected = golden["greedy"].get<std::vector<int>>();
    const auto ids = answer["ids"].get<std::vector<int>>();
    QVERIFY(!ids.empty());
    QVERIFY(std::equal(ids.begin(), ids.end(), expected.begin()));
    if (answer["stop_reason"] == "maxTokens") QCOMPARE(ids.size(), std::size_t{32});
    const json stats = answer["stats"];
    for (const char* key : {"prompt_tokens", "reused_tokens", "generated_tokens", "ttft_ms",
                            "tpot_ms", "tokens_per_s", "mbu", "draft"}) {
        QVERIFY2(stats.contains(key), key);
    }
    for (const char* key : {"mean", "p50", "p95"}) QVERIFY(stats["tpot_ms"].contains(key));
    for (const char* key : {"proposed", "accepted", "steps", "gain"})
        QVERIFY(stats["draft"].contains(key));
    QCOMPARE(stats["prompt_tokens"].get<std::size_t>(), golden["tokens"].size());
    QVERIFY(stats["ttft_ms"].get<double>() > 0);
}

// A small model without temperature goes round before long.
void CliAnswersTest::generate_guessesTheSameAnswer() {
    const QStringList arguments{
        "generate", QStringLiteral(SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo.gguf"),
        "-p",       "Once upon a time",
        "--raw",    "-n",
        "300",      "--temp",
        "0",        "--kv",
        "q8_0,f16", "--json"};
    const json plain = runCli(arguments).json();
    const CliResult guessed = runCli(arguments + QStringList{"--draft", "ngram"});
    QVERIFY2(guessed.status == 0, guessed.err.constData());
    QCOMPARE(guessed.json()["ids"], plain["ids"]);
    QCOMPARE(plain["stats"]["draft"]["proposed"], json(0));
    const json draft = guessed.json()["stats"]["draft"];
    QVERIFY(draft["accepted"].get<int>() <= draft["proposed"].get<int>());
    // By its partner; a model of another vocabulary is refused with the reason.
    const QString partner =
        QStringLiteral(SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo-draft.gguf");
    const CliResult byModel = runCli(arguments + QStringList{"--draft", partner});
    QVERIFY2(byModel.status == 0, byModel.err.constData());
    QCOMPARE(byModel.json()["ids"], plain["ids"]);
    const QTemporaryDir folder;
    const QString stranger = folder.filePath("scripted.gguf");
    QVERIFY(writeScriptedModel({.pieces = {{"A"}}}, stranger.toStdString()));
    const CliResult refused = runCli(arguments + QStringList{"--draft", stranger});
    QCOMPARE(refused.status, 1);
    QVERIFY2(refused.err.contains("another vocabulary: "), refused.err.constData());
    QCOMPARE(runCli(arguments + QStringList{"--draft", "./nothing.gguf"}).status, 1);
}

// Text that one token gives in two kinds, that comes later than its token, or with the end alone.
void CliAnswersTest::generate_tellsEachSampledTokenOnce() {
    const QTemporaryDir folder;
    const QString path = folder.filePath("scripted.gguf");
    ScriptedModel model;
    model.pieces = {{"<think>r</think>A"}, {"B"}, {"\xC3"}, {"\xA9 st"}, {"C"}, {" st"}};
    QVERIFY(writeScriptedModel(model, path.toStdString()));
    const QStringList arguments{"generate", path,     "-p",     "hi",  "--temp",
                                "0",        "--json", "--stop", "stop"};
    const json whole = runCli(arguments).json();
    QCOMPARE(whole["text"], json("AB\xC3\xA9 stC st"));
    QCOMPARE(whole["thinking"], json("r"));
    QCOMPARE(whole["ids"], json({258, 259, 260, 261, 262, 263}));
    QCOMPARE(whole["stats"]["generated_tokens"], json(6));
    // Cut short while a character is unfinished.
    const json cut = runCli(arguments + QStringList{"-n", "3"}).json();
    QCOMPARE(cut["text"], json("AB\xEF\xBF\xBD"));
    QCOMPARE(cut["ids"], json({258, 259, 260}));
}

void CliAnswersTest::generate_endsByTheTokensThatAreEnds_data() {
    QTest::addColumn<int>("type");  // of the second piece
    QTest::addColumn<QString>("second");
    QTest::addColumn<QString>("stop");
    QTest::addColumn<QString>("reason");
    const QString user = "<|user|>", ownEnd = "<|my_end|>";
    QTest::newRow("stop, control") << kControlPiece << ownEnd << ownEnd << "stopString";
    QTest::newRow("stop, user-defined") << kUserDefinedPiece << ownEnd << ownEnd << "stopString";
    QTest::newRow("turn, control") << kControlPiece << user << QString() << "endOfText";
    QTest::newRow("turn, user-defined") << kUserDefinedPiece << user << QString() << "endOfText";
    QTest::newRow("turn, stop") << kControlPiece << user << user << "stopString";
    QTest::newRow("one of several ends") << kControlPiece << ownEnd << QString() << "endOfText";
}

void CliAnswersTest::generate_endsByTheTokensThatAreEnds() {
    QFETCH(int, type);
    QFETCH(QString, second);
    QFETCH(QString, stop);
    QFETCH(QString, reason);
    const QTemporaryDir folder;
    const QString path = folder.filePath("scripted.gguf");
    ScriptedModel model;
    model.pieces = {{"Hello"}, {second.toStdString(), type}, {"LEAK"}};
    if (stop.isEmpty() && second == QLatin1String("<|my_end|>"))
        model.values = {{"tokenizer.ggml.eos_token_id",
                         std::vector<std::uint32_t>{kEosToken, kFirstPiece + 1}}};
    QVERIFY(writeScriptedModel(model, path.toStdString()));
    QStringList arguments{"generate", path, "-p", "hi", "--temp", "0", "--json"};
    if (!stop.isEmpty()) arguments += {"--stop", stop};
    const CliResult result = runCli(arguments);
    QCOMPARE(result.err, QByteArray());
    QCOMPARE(result.json()["text"], json("Hello"));
    QCOMPARE(result.json()["stop_reason"], json(reason.toStdString()));
}

void CliAnswersTest::generate_saysWhereTheContextEnds() {
    const QTemporaryDir folder;
    const QString path = folder.filePath("scripted.gguf");
    ScriptedModel model;
    model.pieces = {{"a"}};
    model.isLooping = true;
    model.nContext = 64;
    QVERIFY(writeScriptedModel(model, path.toStdString()));
    const QByteArray isFull = "sotto-cli: the context is full; the answer ends here\n";
    const QStringList arguments{"generate", path, "-p", "hi", "--temp", "0", "--json"};
    const CliResult whole = runCli(arguments);
    QCOMPARE(whole.json()["stop_reason"], json("contextFull"));
    QCOMPARE(whole.err, isFull);
    const CliResult cut = runCli(arguments + QStringList{"--ctx", "256"});
    QCOMPARE(cut.json()["stats"]["generated_tokens"], whole.json()["stats"]["generated_tokens"]);
    QCOMPARE(cut.err,
             "sotto-cli: the context is 64 tokens, all that the model was trained for, and "
             "not 256\n" +
                 isFull);
    // A prompt that fits the wish and not the model.
    const QString longPrompt(100, QLatin1Char('x'));
    const CliResult tooLong = runCli({"generate", path, "-p", longPrompt, "--ctx", "256"});
    QCOMPARE(tooLong.status, 1);
    QCOMPARE(tooLong.err.count('\n'), 2);
}

void CliAnswersTest::generate_isRepeatableBySeed() {
    const CliFolder folder(kTemplate);
    const auto idsWith = [&](const char* seed) {
        const CliResult result = runCli({"generate", folder.model(), "-p", "the cat", "-n", "20",
                                         "--temp", "1.5", "--seed", seed, "--json"});
        return result.status == 0 ? result.json()["ids"] : json();
    };
    const json first = idsWith("7");
    QVERIFY(first.size() > 1);
    QCOMPARE(idsWith("7"), first);
    QVERIFY(idsWith("8") != first);
}

void CliAnswersTest::generate_streamsTheAnswerToStdout() {
    const CliFolder folder(kTemplate);
    const QStringList arguments{"generate", folder.model(), "-p",     "the cat",
                                "-n",       "12",           "--temp", "0"};
    const CliResult asJson = runCli(arguments + QStringList{"--json"});
    const CliResult asText = runCli(arguments);
    QCOMPARE(asText.status, 0);
    QCOMPARE(asText.out,
             QByteArray::fromStdString(asJson.json()["text"].get<std::string>() + "\n"));
    // Raw continues the text itself: another prompt, without the template's words.
    const json raw = runCli(arguments + QStringList{"--raw", "--json"}).json();
    QVERIFY(raw["stats"]["prompt_tokens"] < asJson.json()["stats"]["prompt_tokens"]);
}

void CliAnswersTest::generate_takesThePromptFromAnywhere() {
    const CliFolder folder(kTemplate);
    const QStringList rest{"-n", "6", "--temp", "0", "--json"};
    const auto idsOf = [&](const QStringList& prompt, const QByteArray& input = {}) {
        const CliResult result =
            runCli(QStringList{"generate", folder.model()} + prompt + rest, input);
        return result.status == 0 ? result.json()["ids"] : json(result.err.toStdString());
    };
    const json expected = idsOf({"-p", "the cat"});
    QVERIFY(expected.is_array() && !expected.empty());
    QCOMPARE(idsOf({"-p", "-"}, "the cat"), expected);
    QCOMPARE(idsOf({"-f", folder.write("q.txt", "the cat")}), expected);
    const QString one = folder.write("one.json", R"([{"role": "user", "content": "the cat"}])");
    QCOMPARE(idsOf({"--messages", one}), expected);
    // What was said before is read, the system prompt comes first.
    const QString more =
        folder.write("more.json",
                     R"([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
            {"role": "user", "content": "the cat"}])");
    const CliResult rendered = runCli({"generate", folder.model(), "--messages", more, "--system",
                                       "Be brief.", "-n", "1", "--json"});
    const CliResult single =
        runCli({"generate", folder.model(), "-p", "the cat", "-n", "1", "--json"});
    QVERIFY2(rendered.status == 0, rendered.err.constData());
    QVERIFY(rendered.json()["stats"]["prompt_tokens"] > single.json()["stats"]["prompt_tokens"]);
}

void CliAnswersTest::generate_tellsTheSeedItDraws() {
    const CliFolder folder(kTemplate);
    const QStringList arguments{"generate", folder.model(), "-p",  "the cat", "-n",
                                "20",       "--temp",       "1.5", "--json"};
    const CliResult drawn = runCli(arguments + QStringList{"--seed", "-1"});
    QVERIFY2(drawn.status == 0, drawn.err.constData());
    const auto seed = drawn.json()["seed"].get<std::uint64_t>();
    QCOMPARE(drawn.err, "sotto-cli: seed " + QByteArray::number(quint64{seed}) + "\n");
    const CliResult again = runCli(arguments + QStringList{"--seed", QString::number(seed)});
    QCOMPARE(again.json()["ids"], drawn.json()["ids"]);
    QCOMPARE(again.err, QByteArray());
}

void CliAnswersTest::generate_warnsOfWhatAModelLacks_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("warning");
    QTest::newRow("nothing") << "general.name"
                             << "x"
                             << "";
    QTest::newRow("no pre-tokenizer") << "tokenizer.ggml.pre"
                                      << ""
                                      << "how its tokenizer";
    QTest::newRow("no template") << "tokenizer.chat_template"
                                 << ""
                                 << "ChatML is used";
}

void CliAnswersTest::generate_warnsOfWhatAModelLacks() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, warning);
    const QTemporaryDir folder;
    ScriptedModel model;
    model.pieces = {{"Hello"}};
    model.values.emplace_back(key.toStdString(), value.toStdString());
    // As files of tool callers have it; it is none for a chat.
    model.values.emplace_back("tokenizer.chat_template.tool_use", std::string("x"));
    const QString path = folder.filePath("model.gguf");
    QVERIFY(writeScriptedModel(model, path.toStdString()));
    for (const QStringList& arguments :
         {QStringList{"generate", path, "-p", "hi", "-n", "2"}, QStringList{"chat", path}}) {
        const CliResult result = runCli(arguments, "hi\n");
        QCOMPARE(result.status, 0);
        QVERIFY2(result.err.contains(warning.toUtf8()), result.err.constData());
        QCOMPARE(result.err.contains("sotto-cli: the model"), !warning.isEmpty());
    }
}

void CliAnswersTest::closedPipe_endsQuietly_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<int>("nBytes");
    // More than a pipe holds, so that the reader goes in the middle of it.
    const QByteArray text = QByteArray("the cat ").repeated(40'000);
    // More questions than anybody would answer for nobody.
    const QByteArray questions = QByteArray("hi\n").repeated(1000);
    const auto add = [](const char* name, const QStringList& arguments, const QByteArray& input,
                        int nBytes) { QTest::newRow(name) << arguments << input << nBytes; };
    const QStringList generate{"generate", "MODEL", "-p", "hi"};
    add("generate, nobody", generate, {}, 0);
    add("generate, head", generate, {}, 5);
    add("generate --json, nobody", generate + QStringList{"--json"}, {}, 0);
    add("chat, nobody", {"chat", "MODEL"}, questions, 0);
    add("chat, head", {"chat", "MODEL"}, questions, 5);
    add("chat --json, nobody", {"chat", "MODEL", "--json"}, questions, 0);
    add("tokenize, nobody", {"tokenize", "MODEL"}, "hi", 0);
    add("tokenize, head", {"tokenize", "MODEL"}, text, 5);
    add("tokenize --json, head", {"tokenize", "MODEL", "--json"}, text, 5);
    add("tokenize --decode, head", {"tokenize", "MODEL", "--decode"},
        "[" + QByteArray("97, ").repeated(100'000) + "97]", 5);
    add("render, nobody", {"render", "MODEL", "--messages", "SHORT"}, {}, 0);
    add("render, head", {"render", "MODEL", "--messages", "LONG"}, {}, 5);
    add("render --json, head", {"render", "MODEL", "--messages", "LONG", "--json"}, {}, 5);
    add("info, nobody", {"info", "MODEL"}, {}, 0);
}

// As `sotto-cli … | head -c 5`, or `| true`: the reader has had enough, and the model would speak
// on until its context is full.
void CliAnswersTest::closedPipe_endsQuietly() {
#ifdef Q_OS_UNIX
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, input);
    QFETCH(int, nBytes);
    const CliFolder folder;
    ScriptedModel model;
    model.pieces = {{"Hello "}, {"again "}};
    model.isLooping = true;
    model.nContext = 131'072;
    QVERIFY(writeScriptedModel(model, folder.path("long.gguf").toStdString()));
    const auto chatOf = [](const QByteArray& text) {
        return R"([{"role": "user", "content": ")" + text + R"("}])";
    };
    arguments.replaceInStrings("MODEL", folder.path("long.gguf"));
    arguments.replaceInStrings("SHORT", folder.write("short.json", chatOf("hi")));
    arguments.replaceInStrings(
        "LONG", folder.write("long.json", chatOf(QByteArray("the cat ").repeated(40'000))));
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    if (nBytes == 0) ::close(ends[0]);
    QProcess process;
    // Of this process's descriptors the child inherits the writing end as its stdout.
    process.setChildProcessModifier([&ends] { ::dup2(ends[1], STDOUT_FILENO); });
    process.setStandardOutputFile(QProcess::nullDevice());
    // A file, which nobody here has to write while it reads.
    process.setStandardInputFile(folder.write("input", input));
    process.start(SOTTO_CLI, arguments);
    QVERIFY(process.waitForStarted());
    ::close(ends[1]);
    if (nBytes > 0) {
        QByteArray bytes(nBytes, '\0');
        QCOMPARE(::read(ends[0], bytes.data(), bytes.size()), nBytes);
        ::close(ends[0]);
    }
    QVERIFY(process.waitForFinished(240'000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.readAllStandardError(), QByteArray());
    QCOMPARE(process.exitCode(), 1);
#else
    QSKIP("needs POSIX pipes");
#endif
}

void CliAnswersTest::generate_refusesWhatDoesNotFit() {
    const CliFolder folder(kTemplate);
    const CliResult result =
        runCli({"generate", folder.model(), "-p", QString("cat ").repeated(2000), "--ctx", "64"});
    QCOMPARE(result.status, 1);
    QVERIFY2(result.isOneLineError(), result.err.constData());
    QCOMPARE(result.out, QByteArray());
}

void CliAnswersTest::chat_answersOverAPipe() {
    const CliFolder folder(kTemplate);
    const QStringList arguments{"chat", folder.model(), "-n", "5", "--temp", "0"};
    const CliResult one = runCli(arguments, "the cat\n");
    QVERIFY2(one.status == 0, one.err.constData());
    // Nothing but the answer: no prompts, no colours.
    const CliResult alone =
        runCli({"generate", folder.model(), "-p", "the cat", "-n", "5", "--temp", "0"});
    QCOMPARE(one.out, alone.out);
    // The same question again is another turn; asked anew by /regen, greedy says the same.
    const CliResult again = runCli(arguments, "the cat\r\n\n/regen\n/stats\n/quit\nnot read\n");
    QCOMPARE(again.status, 0);
    QVERIFY2(again.out.startsWith(one.out + one.out), again.out.constData());
    QVERIFY(again.out.contains("tokens generated at"));
    QVERIFY(runCli(arguments, "/help\n").out.contains("/regen"));
}

void CliAnswersTest::chat_savesTheConversation() {
    const CliFolder folder(kTemplate);
    const CliResult result =
        runCli({"chat", folder.model(), "-n", "4", "--temp", "0"},
               "/system Be brief.\nthe cat\nthe mat\n/save " + folder.path("c.json").toUtf8() +
                   "\n/save " + folder.path("c.md").toUtf8() + "\n");
    QVERIFY2(result.status == 0, result.err.constData());
    std::ifstream stream(folder.path("c.json").toStdString());
    const json messages = json::parse(stream);
    QCOMPARE(messages.size(), std::size_t{4});
    QCOMPARE(messages[0]["role"].get<std::string>(), std::string("user"));
    QCOMPARE(messages[2]["content"].get<std::string>(), std::string("the mat"));
    QCOMPARE(messages[3]["role"].get<std::string>(), std::string("assistant"));
    QCOMPARE(folder.files(), QStringList({"c.json", "c.md", "tiny.gguf"}));
}

void CliAnswersTest::chat_reportsUnknownCommands() {
    const CliFolder folder(kTemplate);
    const CliResult result = runCli({"chat", folder.model()}, "/dance\n/save\n/regen\n");
    QCOMPARE(result.status, 1);
    QCOMPARE(result.err.count('\n'), 3);
    QVERIFY(result.err.contains("/dance"));
}

void CliAnswersTest::chat_speaksJsonLines() {
    const CliFolder folder(kTemplate);
    const CliResult result = runCli({"chat", folder.model(), "-n", "4", "--temp", "0", "--json"},
                                    "the cat\n/dance\n/stats\n/help\nthe mat\n");
    QCOMPARE(result.status, 1);
    std::vector<json> lines;
    for (const QByteArray& line : result.out.trimmed().split('\n'))
        lines.push_back(json::parse(line.toStdString(), nullptr, false));
    QCOMPARE(lines.size(), std::size_t{4});
    const json alone =
        runCli({"generate", folder.model(), "-p", "the cat", "-n", "4", "--temp", "0", "--json"})
            .json();
    for (const char* key : {"text", "ids", "stop_reason"}) QCOMPARE(lines[0][key], alone[key]);
    QCOMPARE(lines[1]["error"]["code"].get<std::string>(), std::string("invalidArgument"));
    QCOMPARE(lines[2]["stats"], lines[0]["stats"]);
    QVERIFY(lines[3]["stats"]["prompt_tokens"] > lines[0]["stats"]["prompt_tokens"]);
    // What people read went where people look.
    QVERIFY(result.err.contains("/dance") && result.err.contains("/regen"));
    const CliResult failed = runCli({"chat", folder.path("absent.gguf"), "--json"});
    QCOMPARE(failed.status, 1);
    QCOMPARE(failed.json()["error"]["code"].get<std::string>(), std::string("fileNotFound"));
}

// The conversation outgrows a context of 64 tokens: in an answer, then in a question.
void CliAnswersTest::chat_fullContext_saysWhatCanBeDone() {
    const CliFolder folder(kTemplate);
    const QStringList arguments{"chat", folder.model(), "--ctx", "64", "--temp", "0"};
    const QByteArray question("the cat sat on the mat\n");
    const CliResult full = runCli(arguments, question + question + "/clear\n" + question);
    QCOMPARE(full.status, 1);
    const QList<QByteArray> said = full.err.trimmed().split('\n');
    QCOMPARE(said.size(), 3);
    for (const QByteArray& sentence : said) {
        QVERIFY2(sentence.contains("/clear") && sentence.contains("--ctx"), sentence.constData());
        QVERIFY2(sentence.contains("64"), sentence.constData());
    }
    // Cleared, it answers as at first.
    const QByteArray first = runCli(arguments, question).out;
    QCOMPARE(full.out, first + first);
}

void CliAnswersTest::stats_leaveOutWhatTooFewTokensCannotSay() {
    const CliFolder folder(kTemplate);
    const auto tpot = [&](const char* nTokens) {
        // No end token at once: the model is random and the seed fixed.
        const CliResult result = runCli(
            {"generate", folder.model(), "-p", "the cat", "-n", nTokens, "--temp", "0", "--json"});
        return result.status == 0 ? result.json()["stats"]["tpot_ms"] : json();
    };
    const json one = tpot("1"), few = tpot("20"), enough = tpot("21");
    QVERIFY(one["mean"].is_null() && one["p50"].is_null() && one["p95"].is_null());
    QVERIFY(few["mean"].get<double>() > 0 && few["p50"].get<double>() > 0);
    QVERIFY(few["p95"].is_null());
    QVERIFY(enough["p95"].get<double>() > 0);
}

// A perplexity run that would take minutes, interrupted once its temporary file is there.
void CliAnswersTest::interrupt_cancelsAndLeavesNoFile() {
#ifdef Q_OS_UNIX
    const CliFolder folder;
    const QString text =
        folder.write("text.txt", QByteArray("the cat sat on the mat. ").repeated(100'000));
    const QStringList before = folder.files();
    QProcess process;
    process.start(SOTTO_CLI, {"perplexity", folder.model(), "-f", text, "--ctx", "64", "--kernels",
                              "reference", "--save-logits", folder.path("reference")});
    QVERIFY(process.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(folder.files().size() > before.size(), 120'000);
    QCOMPARE(process.state(), QProcess::Running);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    const QByteArray error = process.readAllStandardError();
    QVERIFY2(error.startsWith("sotto-cli: ") && error.count('\n') == 1, error.constData());
    QCOMPARE(folder.files(), before);
#else
    QSKIP("needs POSIX signals");
#endif
}

QTEST_GUILESS_MAIN(CliAnswersTest)
#include "answers_test.moc"
