// The files that sotto-cli writes, by every flag that names one: what is no plain file is written
// to, and what is being read is never replaced.
#include <QtTest>
#include <functional>
#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef Q_OS_LINUX
#include <sys/sysmacros.h>
#endif
#endif

#include "tests/app/cli/cli_process.h"

using namespace sotto::test;

namespace {

QByteArray contentsOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

}  // namespace

class CliOutputsTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void inputs_areNeverReplaced_data();
    void inputs_areNeverReplaced();
    void saveLogits_isRefusedBeforeTheModelIsLoaded();
    void device_isWrittenToAndStays_data() { addWriters(); }
    void device_isWrittenToAndStays();
    void fullDevice_isOneSentence_data() {
        addWriters();
        QTest::newRow("bench") << "bench";        // elsewhere it would write a whole model
        QTest::newRow("quantize") << "quantize";  // more than a pipe without a reader takes
    }
    void fullDevice_isOneSentence();
    void pipe_isWrittenToAndStays_data() { addWriters(); }
    void pipe_isWrittenToAndStays();
    void link_staysAndLeadsToTheNewFile_data() { addWriters(); }
    void link_staysAndLeadsToTheNewFile();

private:
    // What writes `target` with one of the flags.
    CliResult run(const QString& writer, const QString& target) const {
        if (writer == "out")
            return runCli({"logits", m_folder->model(), "--tokens", m_tokens, "--out", target});
        if (writer == "save-logits")
            return runCli({"perplexity", m_folder->model(), "-f", m_text, "--ctx", "64", "--chunks",
                           "1", "--save-logits", target});
        if (writer == "quantize") return runCli({"quantize", m_folder->model(), target, "Q8_0"});
        if (writer == "bench")
            return runCli({"bench", "--synthetic", "llama-1b:Q4_K_M", "--save", target});
        return runCli({"chat", m_folder->model(), "-n", "2", "--temp", "0"},
                      "the cat\n/save " + target.toUtf8() + "\n");
    }

    static void addWriters() {
        QTest::addColumn<QString>("writer");
        for (const char* name : {"out", "save-logits", "save"}) QTest::newRow(name) << name;
    }

    std::unique_ptr<CliFolder> m_folder;
    QString m_tokens, m_text;
};

void CliOutputsTest::initTestCase() {
    m_folder = std::make_unique<CliFolder>(
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>");
    QVERIFY(m_folder->isMade());
    m_tokens = m_folder->write("tokens.json", "[1, 5, 6]");
    m_text = m_folder->write("text.txt", QByteArray("the cat sat on the mat. ").repeated(60));
}

void CliOutputsTest::inputs_areNeverReplaced_data() {
    QTest::addColumn<QString>("writer");
    QTest::addColumn<QString>("target");
    QTest::newRow("out is the model") << "out"
                                      << "tiny.gguf";
    QTest::newRow("out is a link to the model") << "out"
                                                << "link.gguf";
    QTest::newRow("out is the tokens") << "out"
                                       << "tokens.json";
    QTest::newRow("save-logits is the model") << "save-logits"
                                              << "tiny.gguf";
    QTest::newRow("save-logits is a hard link to the model") << "save-logits"
                                                             << "hard.gguf";
    QTest::newRow("save-logits is the text") << "save-logits"
                                             << "text.txt";
    QTest::newRow("quantize's model") << "quantize"
                                      << "tiny.gguf";
    QTest::newRow("a link to quantize's model") << "quantize"
                                                << "link.gguf";
    QTest::newRow("save is the model") << "save"
                                       << "tiny.gguf";
    QTest::newRow("save is a link to the model") << "save"
                                                 << "link.gguf";
}

void CliOutputsTest::inputs_areNeverReplaced() {
    QFETCH(QString, writer);
    QFETCH(QString, target);
    const std::filesystem::path model = m_folder->model().toStdString();
    std::error_code ignored;
    std::filesystem::create_symlink(model, m_folder->path("link.gguf").toStdString(), ignored);
    std::filesystem::create_hard_link(model, m_folder->path("hard.gguf").toStdString(), ignored);
    const QByteArray before = contentsOf(m_folder->path(target));
    const QStringList files = m_folder->files();
    const CliResult result = run(writer, m_folder->path(target));
    QCOMPARE(result.status, 1);
    QVERIFY2(result.isOneLineError(), result.err.constData());
    QVERIFY2(result.err.contains("is what is being read"), result.err.constData());
    QCOMPARE(contentsOf(m_folder->path(target)), before);
    QCOMPARE(m_folder->files(), files);
    QFile::remove(m_folder->path("link.gguf"));
    QFile::remove(m_folder->path("hard.gguf"));
}

void CliOutputsTest::saveLogits_isRefusedBeforeTheModelIsLoaded() {
    // What is no model would be told of first.
    const QString broken = m_folder->write("broken.gguf", "GGUF?");
    const CliResult result =
        runCli({"perplexity", broken, "-f", m_text, "--ctx", "64", "--save-logits", broken});
    QCOMPARE(result.status, 1);
    QVERIFY2(result.err.contains("is what is being read"), result.err.constData());
}

void CliOutputsTest::device_isWrittenToAndStays() {
#ifdef Q_OS_LINUX
    QFETCH(QString, writer);
    // A node of our own: never the machine's.
    const QByteArray node = QFile::encodeName(m_folder->path("null"));
    if (::mknod(node.constData(), S_IFCHR | 0666, makedev(1, 3)) != 0)
        QSKIP("making a device needs root");
    if (::access(node.constData(), W_OK) != 0) QSKIP("this folder takes no devices");
    const CliResult result = run(writer, m_folder->path("null"));
    struct stat status {};
    QCOMPARE(::lstat(node.constData(), &status), 0);
    ::unlink(node.constData());
    QVERIFY2(result.status == 0, result.err.constData());
    QVERIFY(S_ISCHR(status.st_mode));
#else
    QSKIP("needs Linux's device numbers");
#endif
}

void CliOutputsTest::fullDevice_isOneSentence() {
#ifdef Q_OS_LINUX
    QFETCH(QString, writer);
    const QByteArray node = QFile::encodeName(m_folder->path("full"));
    if (::mknod(node.constData(), S_IFCHR | 0666, makedev(1, 7)) != 0)
        QSKIP("making a device needs root");
    const CliResult result = run(writer, m_folder->path("full"));
    struct stat status {};
    QCOMPARE(::lstat(node.constData(), &status), 0);
    ::unlink(node.constData());
    QCOMPARE(result.status, 1);
    QVERIFY2(result.isOneLineError(), result.err.constData());
    QVERIFY2(result.err.contains("no room"), result.err.constData());
    QVERIFY(S_ISCHR(status.st_mode));
#else
    QSKIP("needs Linux's device numbers");
#endif
}

void CliOutputsTest::pipe_isWrittenToAndStays() {
#ifdef Q_OS_UNIX
    QFETCH(QString, writer);
    const QByteArray pipe = QFile::encodeName(m_folder->path("pipe"));
    QCOMPARE(::mkfifo(pipe.constData(), 0600), 0);
    // Open at both ends, so that nobody waits: what is written is less than a pipe holds.
    const int reader = ::open(pipe.constData(), O_RDWR | O_NONBLOCK);
    QVERIFY(reader >= 0);
    const CliResult result = run(writer, m_folder->path("pipe"));
    QByteArray bytes(64, '\0');
    const ssize_t length = ::read(reader, bytes.data(), static_cast<std::size_t>(bytes.size()));
    ::close(reader);
    struct stat status {};
    QCOMPARE(::lstat(pipe.constData(), &status), 0);
    ::unlink(pipe.constData());
    QVERIFY2(result.status == 0, result.err.constData());
    QVERIFY(length > 0);
    QVERIFY(S_ISFIFO(status.st_mode));
#else
    QSKIP("needs named pipes");
#endif
}

void CliOutputsTest::link_staysAndLeadsToTheNewFile() {
#ifdef Q_OS_UNIX
    QFETCH(QString, writer);
    const QString file = m_folder->write("old", "old");
    QVERIFY(QFile::link("old", m_folder->path("link")));
    const CliResult result = run(writer, m_folder->path("link"));
    QVERIFY2(result.status == 0, result.err.constData());
    QVERIFY(QFileInfo(m_folder->path("link")).isSymLink());
    QVERIFY(contentsOf(file) != "old");
    QVERIFY(QFileInfo(file).size() > 0);
    QFile::remove(m_folder->path("link"));
    QFile::remove(file);
#else
    QSKIP("needs symbolic links");
#endif
}

QTEST_GUILESS_MAIN(CliOutputsTest)
#include "outputs_test.moc"
