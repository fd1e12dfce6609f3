// What a terminal gets of text that it would obey: the function, and the program on a pseudo
// terminal.
#include "app/cli/terminal_text.h"

#include <QtTest>
#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#endif

#include "tests/app/cli/cli_process.h"

using namespace sotto::test;
using sotto::cli::terminalText;

class CliTerminalTextTest : public QObject {
    Q_OBJECT
private slots:
    void text_isMadeHarmless_data();
    void text_isMadeHarmless();
    void everyText_losesWhatATerminalObeys();
    void prompt_onATerminalIsHarmlessAndInAPipeExact();
};

void CliTerminalTextTest::text_isMadeHarmless_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("shown");
    const auto row = [](const char* name, const QByteArray& text, const QByteArray& shown) {
        QTest::newRow(name) << text << shown;
    };
    row("plain", "Words, 日本語 and 🦊\n\tend", "Words, 日本語 and 🦊\n\tend");
    row("clipboard", "\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇");
    row("cut between two tokens", "\x1b", "␛");
    row("colour", "\x1b[31mred", "␛[31mred");
    row("one byte CSI",
        "\x9b"
        "31m",
        "\uFFFD"
        "31m");
    row("C1 in UTF-8", "\u009b31m", "<U+009B>31m");
    row("right to left override", "\u202Etxt\u202C", "<U+202E>txt<U+202C>");
    row("isolate", "\u2066x\u2069", "<U+2066>x<U+2069>");
    row("line ends", "a\r\nb\rc\r", "a\r\nb␍c␍");
    row("zero and delete", QByteArray("a\0b\x7f", 4), "a␀b␡");
    row("too long", "\xC0\x9B\xE0\x82\x9B", "\uFFFD\uFFFD\uFFFD");
    row("surrogate", "\xED\xA0\x80", "\uFFFD");
    row("incomplete", "a\xE6\x97", "a\uFFFD");
    row("letters with marks", "e\u0301 \u05D0 \u0627\u200D", "e\u0301 \u05D0 \u0627\u200D");
}

void CliTerminalTextTest::text_isMadeHarmless() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, shown);
    QCOMPARE(QByteArray::fromStdString(terminalText(text.toStdString())), shown);
}

// Every pair of bytes behind one that may begin a sequence.
void CliTerminalTextTest::everyText_losesWhatATerminalObeys() {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{'\xC2', static_cast<char>(first), static_cast<char>(second)};
            const std::string shown = terminalText(text);
            const QString read = QString::fromStdString(shown);
            QCOMPARE(read.toStdString(), shown);
            for (const QChar character : read) {
                const bool isControl = character < QChar(0x20) ||
                                       (character >= QChar(0x7F) && character <= QChar(0x9F));
                QVERIFY(!isControl || character == u'\n' || character == u'\t' ||
                        character == u'\r');
            }
        }
    }
}

#ifdef Q_OS_UNIX
namespace {

// What the program writes to a terminal.
QByteArray runOnTerminal(const QStringList& arguments) {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) return "no terminal";
    const QByteArray name = ptsname(terminal);
    const int slave = open(name.constData(), O_RDWR | O_NOCTTY);
    termios settings{};
    tcgetattr(slave, &settings);
    cfmakeraw(&settings);  // no carriage returns of the terminal's own
    tcsetattr(slave, TCSANOW, &settings);
    QProcess process;
    process.setChildProcessModifier([slave] { dup2(slave, STDOUT_FILENO); });
    process.start(QStringLiteral(SOTTO_CLI), arguments);
    QByteArray output;
    bool isOver = !process.waitForStarted();
    while (!isOver) {
        isOver = process.waitForFinished(20);
        pollfd readable{terminal, POLLIN, 0};
        while (poll(&readable, 1, 0) > 0 && (readable.revents & POLLIN) != 0) {
            char buffer[4096];
            const ssize_t nRead = read(terminal, buffer, sizeof buffer);
            if (nRead <= 0) break;
            output.append(buffer, nRead);
        }
    }
    close(slave);
    close(terminal);
    return output;
}

}  // namespace

void CliTerminalTextTest::prompt_onATerminalIsHarmlessAndInAPipeExact() {
    const CliFolder folder("{% for m in messages %}{{ m.content }}{% endfor %}");
    QVERIFY(folder.isMade());
    const QByteArray content = "\x1b]52;c;aGk=\x07 \u009b31m";
    const QString messages = folder.write(
        "m.json",
        QByteArray::fromStdString(
            nlohmann::json({{{"role", "user"}, {"content", content.toStdString()}}}).dump()));
    const QStringList arguments{"render", folder.model(), "--messages", messages};
    const CliResult piped = runCli(arguments);
    QVERIFY2(piped.status == 0, piped.err.constData());
    QCOMPARE(piped.out, content);
    QCOMPARE(runOnTerminal(arguments), QByteArray("␛]52;c;aGk=␇ <U+009B>31m"));
}
#else
void CliTerminalTextTest::prompt_onATerminalIsHarmlessAndInAPipeExact() {
    QSKIP("pseudo terminals are POSIX");
}
#endif

QTEST_GUILESS_MAIN(CliTerminalTextTest)
#include "terminal_text_test.moc"
