// The program itself, as a person or a script starts it: its exit status, and one window per data
// folder.
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

namespace {

constexpr int kPatience = 120'000;  // milliseconds: only a hang takes that long

// One start with a home of the test's; killed at its end.
class Program {
public:
    Program(const QString& home, const QStringList& arguments) {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("SOTTO_HOME"), home);
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), home);
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(SOTTO_PROGRAM), arguments);
    }
    ~Program() { kill(); }

    // -1: it crashed or did not end.
    int status() {
        const bool isEnded = !isRunning() || m_process.waitForFinished(kPatience);
        return isEnded && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode()
                                                                         : -1;
    }
    bool isRunning() {
        m_process.waitForFinished(0);
        return m_process.state() != QProcess::NotRunning;
    }
    void kill() {
        m_process.kill();
        m_process.waitForFinished(kPatience);
    }
    QByteArray out() { return m_process.readAllStandardOutput(); }
    QByteArray err() { return m_process.readAllStandardError(); }
    QString pid() const { return QString::number(m_process.processId()); }

private:
    QProcess m_process;
};

}  // namespace

class ProgramTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home;
    QString home() const { return m_home->path(); }

private slots:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }

    void questions_areAnsweredWithoutAWindow() {
        Program help(home(), {"--help"});
        QCOMPARE(help.status(), 0);
        QVERIFY(help.out().contains("--smoke"));
        Program version(home(), {"--version"});
        QCOMPARE(version.status(), 0);
        QVERIFY(version.out().startsWith("sotto "));
        Program wrong(home(), {"--nonsense"});
        QCOMPARE(wrong.status(), 64);
        QCOMPARE(wrong.err().count('\n'), 1);
        QVERIFY(QDir(home()).isEmpty());
    }

    void smoke_showsTheWindowOnce() {
        Program smoke(home(), {"--smoke"});
        const int status = smoke.status();
        const QByteArray said = smoke.err();
        QVERIFY2(status == 0, said.constData());
        QVERIFY(QFile::exists(home() + "/sotto.db"));
    }

    void twoStarts_areOneWindow() {
        Program one(home(), {}), other(home(), {});
        Program* second = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((second = !one.isRunning()     ? &one
                                           : !other.isRunning() ? &other
                                                                : nullptr) != nullptr,
                                 kPatience);
        Program& first = second == &one ? other : one;
        const int status = second->status();
        const QByteArray said = second->err();
        QVERIFY2(status == 0, said.constData());
        QVERIFY(first.isRunning());
        // A run that was to draw by itself says that it has not.
        Program smoke(home(), {"--smoke"});
        QCOMPARE(smoke.status(), 75);
        QVERIFY(smoke.err().contains("already runs"));
        QVERIFY(first.isRunning());
        // Killed, it leaves the folder to the next, with its database as it was.
        first.kill();
        Program next(home(), {"--smoke"});
        const int after = next.status();
        const QByteArray told = next.err();
        QVERIFY2(after == 0, told.constData());
    }
};

QTEST_GUILESS_MAIN(ProgramTest)
#include "program_test.moc"
