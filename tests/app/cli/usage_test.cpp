// What the command line does with wrong usage and bad input: its status, and one line that says
// why.
#include "tests/app/cli/cli_process.h"

#include <QtTest>

using namespace sotto::test;

class CliUsageTest : public QObject {
    Q_OBJECT
private slots:
    void help_isPrintedWithStatus0();
    void wrongUsage_isStatus2_data();
    void wrongUsage_isStatus2();
    void badInput_isStatus1_data();
    void badInput_isStatus1();
    void errorsAsJson_haveCodeAndMessage();
    void damagedModel_isStatus1();
    void invalidUtf8_isNamed();
    void failedWork_leavesNoFile();

private:
    CliFolder m_folder;
};

void CliUsageTest::help_isPrintedWithStatus0() {
    const CliResult help = runCli({"--help"});
    QCOMPARE(help.status, 0);
    for (const char* command : {"info", "tokenize", "render", "logits", "generate", "chat", "bench",
                                "perplexity", "doctor", "quantize"}) {
        QVERIFY2(help.out.contains(command), command);
    }
    QVERIFY2(!help.out.contains("serve"), "an unbuilt subcommand does not exist");
    QCOMPARE(help.err, QByteArray());
    QVERIFY(runCli({"--version"}).out.startsWith("sotto-cli "));
    QCOMPARE(runCli({"generate", "--help"}).status, 0);
}

void CliUsageTest::wrongUsage_isStatus2_data() {
    QTest::addColumn<QStringList>("arguments");
    const auto row = [](const QStringList& arguments) {
        QTest::newRow(qPrintable(arguments.join(' ') + "|")) << arguments;
    };
    row({});
    row({"nonsense"});
    row({"serve", "a"});
    row({"quantize", "m.gguf", "x.gguf"});
    row({"quantize", "m.gguf", "x.gguf", "Q4_K_XXL"});
    row({"quantize", "m.gguf", "x.gguf", "Q4_K_M", "--method", "magic"});
    row({"quantize", "m.gguf", "x.gguf", "Q4_K_M", "--keep", "attn_v"});
    row({"quantize", "m.gguf", "x.gguf", "Q4_K_M", "--keep", "attn_v=Q9"});
    row({"info"});
    row({"info", "m.gguf", "--nonsense"});
    row({"info", "m.gguf", "--ctx", "many"});
    row({"info", "m.gguf", "--ctx", "-1"});
    row({"info", "m.gguf", "--kv", "q3"});
    row({"info", "m.gguf", "--kv", "q8_0,"});
    row({"generate", "m.gguf", "-p", "x", "--draft", "maybe"});
    row({"generate", "m.gguf", "-p", "x", "--overflow", "shrink"});
    for (const char* layers : {"many", "-1", "0x10", "+5", "100001", "99999999999"})
        row({"info", "m.gguf", "--gpu-layers", layers});
    row({"info", "m.gguf", "extra"});
    row({"generate", "m.gguf"});
    row({"generate", "m.gguf", "-p", "a", "--tokens", "t.json"});
    row({"generate", "m.gguf", "-p", "a", "--temp", "hot"});
    row({"generate", "m.gguf", "-p", "a", "--top-p", "1.5"});
    row({"generate", "m.gguf", "-p"});
    row({"generate", "m.gguf", "-p", "a", "-f", "a.txt"});
    row({"generate", "m.gguf", "-p", "a", "--device", "toaster"});
    row({"generate", "m.gguf", "-p", "a", "--device", "cuda:x"});
    row({"generate", "m.gguf", "-p", "a", "--device", "cuda:"});
    row({"generate", "m.gguf", "-p", "a", "--seed", "many"});
    row({"generate", "m.gguf", "-p", "a", "--seed", "1.5"});
    for (const char* bias : {"x=1", "1=x", "1", "=1", "1=", "1=nan", "99999999999=1"})
        row({"generate", "m.gguf", "-p", "a", "--logit-bias", bias});
    row({"render", "t.jinja", "--messages", "m.json", "--var", "x"});
    row({"render", "t.jinja", "--messages", "m.json", "--var", "=1"});
    row({"render", "t.jinja", "--messages", "m.json", "--now", "2025-13-01"});
    row({"bench"});
    row({"bench", "m.gguf", "--synthetic", "llama-1b:F32"});
    row({"bench", "m.gguf", "--save", "x.gguf"});
    row({"bench", "m.gguf", "--batch", "1,x"});
    row({"bench", "m.gguf", "--batch", "0"});
    row({"render", "m.gguf"});
    row({"logits", "m.gguf", "--tokens", "t.json"});
    row({"perplexity", "m.gguf"});
}

void CliUsageTest::wrongUsage_isStatus2() {
    QFETCH(QStringList, arguments);
    const CliResult result = runCli(arguments);
    QCOMPARE(result.status, 2);
    QVERIFY2(result.isOneLineError(), result.err.constData());
    QCOMPARE(result.out, QByteArray());
}

void CliUsageTest::badInput_isStatus1_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");  // of the sentence
    QVERIFY(m_folder.isMade());
    const QString model = m_folder.model();
    const QString missing = m_folder.path("missing.gguf");
    const QString tokens = m_folder.write("tokens.json", "[1, 5, 6]");
    const QString text = m_folder.write("words.json", "[\"a\"]");
    const QString broken = m_folder.write("broken.json", "[1, 2");
    const QString huge = m_folder.write("huge.json", "[1, 99999999]");
    const QString empty = m_folder.write("empty.json", "[]");
    const QString messages =
        m_folder.write("messages.json", "[{\"role\":\"user\",\"content\":\"x\"}]");
    const QString raising =
        m_folder.write("raising.jinja", "{{ raise_exception('Not like this.') }}");
    const QString naming = m_folder.write("naming.jinja", "{{ messages[0].role.x }}");
    const QString object = m_folder.write("object.json", "{}");
    const QString unclosed = m_folder.write("unclosed.jinja", "a\n{% if x %}");
    const QString folder = QFileInfo(model).absolutePath();
    const auto row = [](const char* name, const QStringList& arguments, const QString& part) {
        QTest::newRow(name) << arguments << part;
    };
    row("info missing", {"info", missing}, "missing.gguf");
    row("info folder", {"info", folder}, "");
    row("info text", {"info", tokens}, "tokens.json");
    row("tokenize missing", {"tokenize", missing}, "missing.gguf");
    row("generate missing", {"generate", missing, "-p", "a"}, "missing.gguf");
    row("chat missing", {"chat", missing}, "missing.gguf");
    row("bench missing", {"bench", missing}, "missing.gguf");
    row("bench shape", {"bench", "--synthetic", "llama-1000b:Q8_0"}, "llama-1000b");
    row("bench type", {"bench", "--synthetic", "llama-1b:Q9_X"}, "Q9_X");
    row("tokens missing", {"generate", model, "--tokens", missing}, "missing.gguf");
    row("tokens words", {"generate", model, "--tokens", text}, "Element 0");
    row("tokens broken", {"generate", model, "--tokens", broken}, "not valid JSON");
    row("tokens huge", {"generate", model, "--tokens", huge}, "");
    row("tokens folder", {"generate", model, "--tokens", folder}, "is a folder");
    row("logits empty", {"logits", model, "--tokens", empty, "--out", m_folder.path("o")},
        "no tokens");
    row("logits huge", {"logits", model, "--tokens", huge, "--out", m_folder.path("o")}, "");
    row("logits folder",
        {"logits", model, "--tokens", tokens, "--out", m_folder.path("no/such/file")}, "");
    row("device", {"generate", model, "-p", "a", "--device", "cuda:7"}, "cuda:7");
    row("render messages", {"render", raising, "--messages", object}, "JSON array of messages");
    row("render numbers", {"render", naming, "--messages", tokens}, "has no attribute 'role'");
    row("render raise", {"render", raising, "--messages", messages}, "Not like this.");
    row("render compile", {"render", unclosed, "--messages", messages}, "line 2");
    row("prompt missing", {"generate", model, "-f", missing}, "missing.gguf");
    row("messages object", {"generate", model, "--messages", object}, "JSON array of messages");
    row("messages words", {"generate", model, "--messages", text}, "Element 0");
    row("perplexity missing", {"perplexity", model, "-f", missing}, "missing.gguf");
    row("perplexity short", {"perplexity", model, "-f", tokens}, "");
}

void CliUsageTest::badInput_isStatus1() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    const CliResult result = runCli(arguments);
    QCOMPARE(result.status, 1);
    QVERIFY2(result.isOneLineError(), result.err.constData());
    QVERIFY2(result.err.contains(part.toUtf8()), result.err.constData());
    QCOMPARE(result.out, QByteArray());
}

void CliUsageTest::errorsAsJson_haveCodeAndMessage() {
    const QString missing = m_folder.path("missing.gguf");
    const QString tokens = m_folder.write("t.json", "[1]");
    const std::vector<QStringList> all{
        {"info", missing},
        {"tokenize", missing},
        {"render", missing, "--messages", tokens},
        {"logits", missing, "--tokens", tokens, "--out", m_folder.path("o")},
        {"generate", missing, "-p", "a"},
        {"bench", missing},
        {"perplexity", missing, "-f", tokens}};
    for (const QStringList& arguments : all) {
        const CliResult result = runCli(arguments + QStringList{"--json"});
        QCOMPARE(result.status, 1);
        QVERIFY2(result.isOneLineError(), result.err.constData());
        const nlohmann::json error = result.json()["error"];
        QCOMPARE(error["code"].get<std::string>(), std::string("fileNotFound"));
        const std::string line = "sotto-cli: " + error["message"].get<std::string>() + "\n";
        QCOMPARE(result.err, QByteArray::fromStdString(line));
    }
    const CliResult device = runCli({"doctor", "--device", "cuda:7", "--json"});
    QCOMPARE(device.status, 1);
    QVERIFY(device.json()["error"]["message"].get<std::string>().find("cuda:7") !=
            std::string::npos);
    // Wrong usage as well, wherever the mistake stands.
    for (const QStringList& arguments :
         {QStringList{"info", "--json"},
          {"info", "m.gguf", "--nonsense", "--json"},
          {"bench", "--json"},
          {"render", "t.jinja", "--messages", tokens, "--var", "x", "--json"}}) {
        const CliResult result = runCli(arguments);
        QCOMPARE(result.status, 2);
        QVERIFY2(result.isOneLineError(), result.err.constData());
        QCOMPARE(result.json()["error"]["code"].get<std::string>(), std::string("invalidArgument"));
    }
}

void CliUsageTest::damagedModel_isStatus1() {
    QFile file(m_folder.model());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    for (const qsizetype length :
         {qsizetype{0}, qsizetype{3}, qsizetype{100}, whole.size() / 2, whole.size() - 1}) {
        const QString path = m_folder.write("cut.gguf", whole.left(length));
        for (const QStringList& command :
             {QStringList{"info", path}, {"generate", path, "-p", "a", "-n", "1"}}) {
            const CliResult result = runCli(command);
            QCOMPARE(result.status, 1);
            QVERIFY2(result.isOneLineError(), result.err.constData());
        }
    }
}

void CliUsageTest::invalidUtf8_isNamed() {
    const CliResult tokenize = runCli({"tokenize", m_folder.model()}, "ab\xff");
    QCOMPARE(tokenize.status, 1);
    QVERIFY2(tokenize.isOneLineError() && tokenize.err.contains("UTF-8"), tokenize.err.constData());
    const QString text = m_folder.write("bytes.txt", QByteArray(4000, '\xff'));
    const CliResult perplexity = runCli({"perplexity", m_folder.model(), "-f", text});
    QCOMPARE(perplexity.status, 1);
    QVERIFY2(perplexity.isOneLineError(), perplexity.err.constData());
}

void CliUsageTest::failedWork_leavesNoFile() {
    const CliFolder folder;
    const QString tokens = folder.write("tokens.json", "[1, 99999999]");
    const QStringList before = folder.files();
    QCOMPARE(
        runCli({"logits", folder.model(), "--tokens", tokens, "--out", folder.path("out")}).status,
        1);
    QCOMPARE(folder.files(), before);
}

QTEST_GUILESS_MAIN(CliUsageTest)
#include "usage_test.moc"
