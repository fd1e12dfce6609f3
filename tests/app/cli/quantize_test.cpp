// `sotto-cli quantize`: what it makes opens and answers, what it says is JSON, and Ctrl-C ends it.
#include <QtTest>
#include <algorithm>
#include <array>
#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "tests/app/cli/cli_process.h"
#include "tests/support/shared_data.h"

using namespace sotto::test;

namespace {

QString shared(const char* path) {
    return QString::fromStdString((sharedFolder() / path).string());
}

}  // namespace

class CliQuantizeTest : public QObject {
    Q_OBJECT
private slots:
    void newModel_answers();
    void dryRun_makesNothing();
    void keptTypes_areInTheFile();
    void widths_areToldOnStderr();
    void target_isKept();
    void errorFeedback_readsAText();
    void calibrationText_isLeftAlone();
    void realModel_withAnImportanceMatrix_data();
    void realModel_withAnImportanceMatrix();
    void badInput_isStatus1();
    void ctrlC_endsIt();

private:
    CliFolder m_folder;
};

void CliQuantizeTest::newModel_answers() {
    const QString target = m_folder.path("q8.gguf");
    const CliResult made =
        runCli({"quantize", m_folder.model(), target, "q8_0", "--json", "--threads", "2"});
    QVERIFY2(made.status == 0, made.err.constData());
    QCOMPARE(made.err, QByteArray());
    const auto json = made.json();
    QCOMPARE(json["file_bytes"].get<qint64>(), QFileInfo(target).size());
    QVERIFY(json["bits_per_weight"].get<double>() > 8);
    QVERIFY(json["bits_per_weight"].get<double>() < 9);
    int nMade = 0;
    for (const auto& tensor : json["tensors"]) {
        QCOMPARE(tensor["from"].get<std::string>(), std::string("F32"));
        const bool isMade = tensor["to"] == "Q8_0";
        nMade += isMade ? 1 : 0;
        QVERIFY(isMade == (tensor["rmse"].get<double>() > 0));
    }
    QCOMPARE(nMade, 2 * 7 + 2);
    const auto info = runCli({"info", target, "--json"}).json();
    QCOMPARE(info["quantization"].get<std::string>(), std::string("Q8_0"));
    const CliResult answer =
        runCli({"generate", target, "--raw", "-p", "the cat", "-n", "4", "--temp", "0", "--json"});
    QVERIFY2(answer.status == 0, answer.err.constData());
    QCOMPARE(answer.json()["ids"].size(), std::size_t{4});
}

void CliQuantizeTest::dryRun_makesNothing() {
    const QStringList before = m_folder.files();
    const QString target = m_folder.path("none.gguf");
    const CliResult plan =
        runCli({"quantize", m_folder.model(), target, "Q8_0", "--dry-run", "--json"});
    QVERIFY2(plan.status == 0, plan.err.constData());
    QCOMPARE(m_folder.files(), before);
    const CliResult made = runCli({"quantize", m_folder.model(), target, "Q8_0", "--json"});
    QCOMPARE(plan.json()["file_bytes"].get<qint64>(), made.json()["file_bytes"].get<qint64>());
    const CliResult text = runCli({"quantize", m_folder.model(), target, "Q8_0", "--dry-run"});
    QVERIFY2(text.out.contains("F32 -> Q8_0"), text.out.constData());
    QVERIFY(text.out.contains("bits per weight"));
}

void CliQuantizeTest::keptTypes_areInTheFile() {
    const QString target = m_folder.path("kept.gguf");
    const CliResult made = runCli({"quantize", m_folder.model(), target, "Q8_0", "--keep",
                                   "attn_v=F16", "--keep", "blk.0.ffn_*=Q5_1", "--method", "rtn"});
    QVERIFY2(made.status == 0, made.err.constData());
    const auto info = runCli({"info", target, "--json"}).json();
    for (const auto& tensor : info["tensors"]) {
        const auto name = tensor["name"].get<std::string>();
        if (name.ends_with("attn_v.weight"))
            QCOMPARE(tensor["type"].get<std::string>(), std::string("F16"));
        if (name == "blk.0.ffn_up.weight")
            QCOMPARE(tensor["type"].get<std::string>(), std::string("Q5_1"));
        if (name == "blk.1.ffn_up.weight")
            QCOMPARE(tensor["type"].get<std::string>(), std::string("Q8_0"));
    }
}

void CliQuantizeTest::widths_areToldOnStderr() {
    const CliResult made =
        runCli({"quantize", m_folder.model(), m_folder.path("q4.gguf"), "Q4_K", "--json"});
    QVERIFY2(made.status == 0, made.err.constData());
    QVERIFY2(made.err.contains("Q5_0 instead of Q4_K"), made.err.constData());
    QVERIFY(!made.json()["warnings"].empty());
}

void CliQuantizeTest::target_isKept() {
    const QString target = m_folder.path("own.gguf");
    const CliResult made =
        runCli({"quantize", m_folder.model(), target, "--target-bits", "6.5", "--json"});
    QVERIFY2(made.status == 0, made.err.constData());
    const auto json = made.json();
    QVERIFY(json["bits_per_weight"].get<double>() <= 6.5);
    QVERIFY(json["bits_per_weight"].get<double>() > 6.0);
    QVERIFY(json["expected_loss"].get<double>() > 0);
    QCOMPARE(json["file_bytes"].get<qint64>(), QFileInfo(target).size());
    const double gib = json["file_bytes"].get<double>() / 1073741824.0;
    const CliResult plan = runCli({"quantize", m_folder.model(), target, "--target-size",
                                   QString::number(gib, 'g', 12), "--dry-run"});
    QVERIFY2(plan.status == 0, plan.err.constData());
    QVERIFY2(plan.out.contains("% of the target's"), plan.out.constData());
    // Neither a type nor a target, and two targets, are wrong usage.
    QCOMPARE(runCli({"quantize", m_folder.model(), target}).status, 2);
    QCOMPARE(
        runCli({"quantize", m_folder.model(), target, "--target-bits", "5", "--target-size", "1"})
            .status,
        2);
    const CliResult small = runCli(
        {"quantize", m_folder.model(), m_folder.path("no.gguf"), "--target-bits", "1", "--json"});
    QCOMPARE(small.status, 1);
    QVERIFY2(small.err.contains("too small"), small.err.constData());
}

void CliQuantizeTest::errorFeedback_readsAText() {
    QByteArray words;
    for (int word = 0; word < 400; ++word)
        words += word % 7 < 3 ? "the cat sat on the mat. " : "and the dog ran. ";
    const QString text = m_folder.write("words.txt", words);
    const QString target = m_folder.path("fed.gguf");
    const QStringList command{"quantize", m_folder.model(), target, "Q4_0", "--json"};
    const CliResult made =
        runCli(command + QStringList{"--method", "gptq", "--calibration", text, "--chunks", "4"});
    QVERIFY2(made.status == 0, made.err.constData());
    const auto json = made.json();
    int nFed = 0;
    for (const auto& tensor : json["tensors"]) nFed += tensor["error_feedback"].get<bool>() ? 1 : 0;
    QCOMPARE(nFed, 2 * 7);
    const CliResult answer =
        runCli({"generate", target, "--raw", "-p", "the cat", "-n", "4", "--temp", "0", "--json"});
    QVERIFY2(answer.status == 0, answer.err.constData());

    const QString few = m_folder.write("few.txt", "the cat");
    QFile::remove(target);
    for (const auto& [file, part] :
         {std::pair{few, "at least one chunk"}, std::pair{m_folder.path("none.txt"), "none.txt"}}) {
        const CliResult bad =
            runCli(command + QStringList{"--method", "gptq", "--calibration", file});
        QCOMPARE(bad.status, 1);
        QVERIFY2(bad.err.contains(part) && bad.err.count('\n') == 1, bad.err.constData());
        QVERIFY(!QFile::exists(target));
    }
    QCOMPARE(runCli(command + QStringList{"--method", "gptqq"}).status, 2);
}

void CliQuantizeTest::calibrationText_isLeftAlone() {
    const QByteArray words = QByteArray("the cat sat on the mat and the dog ran. ").repeated(400);
    const QString notes = m_folder.write("notes.txt", words);
    const QStringList command{"quantize", m_folder.model(), notes, "Q4_0"};
    const CliResult result =
        runCli(command + QStringList{"--method", "gptq", "--calibration", notes, "--chunks", "1"});
    QCOMPARE(result.status, 1);
    QVERIFY2(result.err.contains("is what is being read"), result.err.constData());
    QFile file(notes);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), words);
    file.close();
    // Nor is the built-in one written over, by what reads it.
    QVERIFY(QDir().mkpath(m_folder.path("resources/evaluation")));
    const QString builtIn = m_folder.write("resources/evaluation/evaluation_text.txt", words);
    qputenv("SOTTO_RESOURCES", m_folder.path("resources").toUtf8());
    for (const QStringList& over :
         {QStringList{"quantize", m_folder.model(), builtIn, "Q4_0", "--method", "gptq"},
          QStringList{"imatrix", m_folder.model(), "-o", builtIn}}) {
        const CliResult refused = runCli(over + QStringList{"--chunks", "1"});
        QCOMPARE(refused.status, 1);
        QVERIFY2(refused.err.contains("is what is being read"), refused.err.constData());
        QFile text(builtIn);
        QVERIFY(text.open(QIODevice::ReadOnly));
        QCOMPARE(text.readAll(), words);
    }
    qunsetenv("SOTTO_RESOURCES");
    QFile::remove(notes);
    // Of the other methods neither option is heard.
    for (const QStringList& option :
         {QStringList{"--calibration", m_folder.model()}, QStringList{"--chunks", "4"},
          QStringList{"--chunks", "4", "--method", "awq"}}) {
        const CliResult other = runCli(command + option);
        QCOMPARE(other.status, 2);
        QVERIFY2(other.err.contains("--method gptq"), other.err.constData());
        QVERIFY(!QFile::exists(notes));
    }
}

void CliQuantizeTest::realModel_withAnImportanceMatrix_data() {
    QTest::addColumn<QString>("type");
    for (const char* type : {"Q4_0", "Q4_K_M", "Q2_K", "IQ4_NL", "IQ3_XXS"})
        QTest::newRow(type) << type;
}

// The model knows its language: what is left of it writes about the same as before.
void CliQuantizeTest::realModel_withAnImportanceMatrix() {
    SOTTO_NEEDS_SHARED("data/models/stories260K.f32.gguf");
    SOTTO_NEEDS_SHARED("golden2/kl/stories260K.imatrix.gguf");
    QFETCH(QString, type);
    const QString target = m_folder.path("story.gguf");
    const CliResult made =
        runCli({"quantize", shared("data/models/stories260K.f32.gguf"), target, type, "--imatrix",
                shared("golden2/kl/stories260K.imatrix.gguf"), "--json"});
    QVERIFY2(made.status == 0, made.err.constData());
    const auto perplexityOf = [&](const QString& model) {
        const CliResult result =
            runCli({"perplexity", model, "-f", shared("data/text/tinyshakespeare.txt"), "--ctx",
                    "128", "--chunks", "4", "--device", "cpu", "--json"});
        return result.status == 0 ? result.json()["perplexity"].get<double>() : 0.0;
    };
    const double whole = perplexityOf(shared("data/models/stories260K.f32.gguf"));
    const double smaller = perplexityOf(target);
    // Of no meaning for a text so far from its own but that it is the same model: noise would have
    // thousands. Rows of 64 keep all mixes at 4 bits and above.
    QVERIFY2(smaller > 0.7 * whole && smaller < 1.4 * whole,
             qPrintable(QString("%1 against %2").arg(smaller).arg(whole)));
}

void CliQuantizeTest::badInput_isStatus1() {
    const QStringList before = m_folder.files();
    const QString target = m_folder.path("bad.gguf");
    const auto expectFailure = [&](const QStringList& arguments, const char* part) {
        const CliResult result = runCli(arguments);
        QCOMPARE(result.status, 1);
        QVERIFY2(result.isOneLineError(), result.err.constData());
        QVERIFY2(result.err.contains(part), result.err.constData());
        QVERIFY(!QFile::exists(target));
    };
    expectFailure({"quantize", m_folder.path("missing.gguf"), target, "Q8_0"}, "missing.gguf");
    expectFailure({"quantize", m_folder.model(), target, "Q8_0", "--keep", "nothing=Q8_0"},
                  "nothing");
    expectFailure({"quantize", m_folder.model(), target, "Q8_0", "--imatrix", m_folder.model()},
                  "no importance matrix");
    expectFailure({"quantize", m_folder.model(), m_folder.path("none/x.gguf"), "Q8_0"}, "none");
    const QString broken = m_folder.write("broken.gguf", "GGUF?");
    expectFailure({"quantize", broken, target, "Q8_0"}, "broken.gguf");
    QFile::remove(broken);
    QCOMPARE(m_folder.files(), before);
}

// Its output is a pipe that is not emptied before the signal: it is certainly at work then, and has
// most of the file before it.
void CliQuantizeTest::ctrlC_endsIt() {
#ifdef Q_OS_UNIX
    TinyModel model;
    model.nVocab = 4096;  // more than a pipe holds
    QVERIFY(writeTinyModel(model, m_folder.path("long.gguf").toStdString()).has_value());
    const QByteArray pipe = QFile::encodeName(m_folder.path("pipe"));
    QCOMPARE(::mkfifo(pipe.constData(), 0600), 0);
    QProcess process;
    process.start(QStringLiteral(SOTTO_CLI),
                  {"quantize", m_folder.path("long.gguf"), m_folder.path("pipe"), "Q8_0"});
    QVERIFY(process.waitForStarted());
    const int reader = ::open(pipe.constData(), O_RDONLY);
    QVERIFY(reader >= 0);
    char first = 0;
    QCOMPARE(::read(reader, &first, 1), ssize_t{1});
    QCOMPARE(::kill(static_cast<pid_t>(process.processId()), SIGINT), 0);
    std::array<char, 65536> bytes{};
    std::int64_t nBytes = 1;
    for (ssize_t length = 1; length > 0;) {
        length = ::read(reader, bytes.data(), bytes.size());
        nBytes += std::max<std::int64_t>(0, length);
    }
    const bool isOver = process.waitForFinished(240'000);
    ::close(reader);
    ::unlink(pipe.constData());
    QVERIFY(isOver);
    QVERIFY(nBytes < QFileInfo(m_folder.path("long.gguf")).size() / 5);  // Q8_0 has a quarter
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    const QByteArray said = process.readAllStandardError();
    QVERIFY2(said.toLower().contains("cancelled"), said.constData());
#else
    QSKIP("needs named pipes and signals");
#endif
}

QTEST_GUILESS_MAIN(CliQuantizeTest)
#include "quantize_test.moc"
