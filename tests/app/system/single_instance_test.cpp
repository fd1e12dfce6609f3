// One window per data folder, tried with real processes: this program starts itself as
// `--child DATA RUNTIME TIMEOUT`, which claims the folder, says what it got and, being the first,
// says "activated" for each start that asks, until it is killed.
#include "app/system/single_instance.h"

#include <QLocalSocket>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <cstdio>
#include <memory>
#include <vector>
#ifdef Q_OS_UNIX
#include <csignal>
#endif

#include "base/file_lock.h"

using sotto::FileLock;
using sotto::app::SingleInstance;

namespace {

constexpr int kPatience = 60'000;  // milliseconds: only a hang takes that long
constexpr const char* kLong = "60000";

int say(const QString& text) {
    std::printf("%s\n", qPrintable(text));
    std::fflush(stdout);
    return 0;
}

int runChild(const QStringList& arguments) {
    SingleInstance instance(arguments.at(2), arguments.at(3));
    QObject::connect(&instance, &SingleInstance::activationRequested,
                     [] { say(QStringLiteral("activated")); });
    switch (instance.claim(arguments.at(4).toInt())) {
        case SingleInstance::Claim::First: break;
        case SingleInstance::Claim::Shown: return say(QStringLiteral("shown"));
        case SingleInstance::Claim::Unanswered: return say(instance.problem());
    }
    say(QStringLiteral("first"));
    return QCoreApplication::exec();
}

// One start; killed and reaped at its end.
class Child {
public:
    Child(const QString& data, const QString& runtime, const char* timeout = kLong) {
        m_process.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("--child"), data, runtime, QString::fromLatin1(timeout)});
    }
    ~Child() { kill(); }

    // The next line; what is not there after a long wait is empty.
    QString line() {
        while (!m_process.canReadLine())
            if (!m_process.waitForReadyRead(kPatience)) return {};
        return QString::fromUtf8(m_process.readLine()).trimmed();
    }
    void kill() {
        m_process.kill();
        m_process.waitForFinished(kPatience);
    }
    qint64 pid() const { return m_process.processId(); }
    void signal(int number) {
#ifdef Q_OS_UNIX
        ::kill(static_cast<pid_t>(pid()), number);
#else
        Q_UNUSED(number)
#endif
    }

private:
    QProcess m_process;
};

}  // namespace

class SingleInstanceTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_data, m_runtime;
    QString data() const { return m_data->path(); }
    QString runtime() const { return m_runtime->path(); }
    std::filesystem::path lockFile() const { return data().toStdString() + "/sotto.lock"; }

private slots:
    void init() {
        m_data = std::make_unique<QTemporaryDir>();
        m_runtime = std::make_unique<QTemporaryDir>();
    }

    void secondStart_showsTheFirst() {
        Child first(data(), runtime());
        QCOMPARE(first.line(), QStringLiteral("first"));
        for (int start = 0; start < 2; ++start) {
            Child second(data() + QStringLiteral("/"), runtime());
            QCOMPARE(second.line(), QStringLiteral("shown"));
            QCOMPARE(first.line(), QStringLiteral("activated"));
        }
        // By another way to the same folder.
        QTemporaryDir elsewhere;
        QVERIFY(QFile::link(data(), elsewhere.filePath("link")));
        Child third(elsewhere.filePath("link"), runtime());
        QCOMPARE(third.line(), QStringLiteral("shown"));
        QCOMPARE(first.line(), QStringLiteral("activated"));
        // Another folder has its own.
        Child other(elsewhere.path(), runtime());
        QCOMPARE(other.line(), QStringLiteral("first"));
    }

    void startsAtTheSameMoment_haveOneFirst() {
        for (int round = 0; round < 3; ++round) {
            init();
            std::vector<std::unique_ptr<Child>> children;
            for (int index = 0; index < 5; ++index)
                children.push_back(std::make_unique<Child>(data(), runtime()));
            int nFirst = 0, nShown = 0;
            for (const auto& child : children) {
                const QString line = child->line();
                nFirst += line == QStringLiteral("first");
                nShown += line == QStringLiteral("shown");
            }
            QCOMPARE(nFirst, 1);
            QCOMPARE(nShown, 4);
        }
    }

    void afterAKill_theNextIsFirst() {
#ifdef Q_OS_UNIX
        Child lost(data(), runtime());
        QCOMPARE(lost.line(), QStringLiteral("first"));
        lost.kill();
        // Its socket lies there and takes no calls.
        const QStringList left = QDir(runtime()).entryList(QDir::System | QDir::NoDotAndDotDot);
        QCOMPARE(left.size(), 1);
        Child next(data(), runtime());
        QCOMPARE(next.line(), QStringLiteral("first"));
        Child second(data(), runtime());
        QCOMPARE(second.line(), QStringLiteral("shown"));
#else
        QSKIP("pipes of a process end with it");
#endif
    }

    void hangingFirst_isNamedAndKeepsItsFolder() {
#ifdef Q_OS_UNIX
        Child first(data(), runtime());
        QCOMPARE(first.line(), QStringLiteral("first"));
        first.signal(SIGSTOP);
        Child second(data(), runtime(), "300");
        const QString sentence = second.line();
        QVERIFY2(sentence.contains(QString::number(first.pid())), qPrintable(sentence));
        QVERIFY2(sentence.contains(data()), qPrintable(sentence));
        // It was asked all the same, and shows its window when it goes on.
        first.signal(SIGCONT);
        QCOMPARE(first.line(), QStringLiteral("activated"));
        Child third(data(), runtime());
        QCOMPARE(third.line(), QStringLiteral("shown"));
#else
        QSKIP("needs POSIX signals");
#endif
    }

    void firstThatIsStillStarting_isWaitedFor() {
        auto starting = FileLock::tryTake(lockFile());  // and no socket yet
        QVERIFY(starting && *starting);
        Child impatient(data(), runtime(), "100");
        const QString sentence = impatient.line();
        QVERIFY2(sentence.contains(QString::number(QCoreApplication::applicationPid())),
                 qPrintable(sentence));
        // One that ends while it is waited for leaves its place.
        Child patient(data(), runtime());
        starting->reset();
        QCOMPARE(patient.line(), QStringLiteral("first"));
    }

    void callersThatSayNothing_showNoWindow() {
        SingleInstance first(data(), runtime());
        QSignalSpy spy(&first, &SingleInstance::activationRequested);
        QCOMPARE(first.claim(0), SingleInstance::Claim::First);
        const QStringList names = QDir(runtime()).entryList(QDir::System | QDir::NoDotAndDotDot);
        QCOMPARE(names.size(), 1);
        QLocalSocket silent, foreign;
        silent.connectToServer(runtime() + '/' + names.first());
        QVERIFY(silent.waitForConnected());
        foreign.connectToServer(runtime() + '/' + names.first());
        QVERIFY(foreign.waitForConnected());
        foreign.write("GET / HTTP/1.1\n");
        QTRY_COMPARE(foreign.state(), QLocalSocket::UnconnectedState);
        silent.disconnectFromServer();
        Child second(data(), runtime());
        QTRY_COMPARE(spy.count(), 1);  // of the second alone
        QCOMPARE(second.line(), QStringLiteral("shown"));
    }

    void withoutARuntimeFolder_theSocketLiesInTheDataFolder() {
#ifdef Q_OS_UNIX
        for (const QString& none :
             {QString(), QStringLiteral("relative"), runtime() + QStringLiteral("/missing")}) {
            Child first(data(), none);
            QCOMPARE(first.line(), QStringLiteral("first"));
            Child second(data(), none);
            QCOMPARE(second.line(), QStringLiteral("shown"));
        }
        QCOMPARE(QDir(data()).entryList(QDir::System | QDir::NoDotAndDotDot).size(), 1);
#else
        QSKIP("pipes lie in no folder");
#endif
    }

    // A socket's path has 107 bytes at most: there is no call then, but never a second window.
    void tooLongAPath_isNoSecondInstance() {
#ifdef Q_OS_UNIX
        const QString deep = data() + QStringLiteral("/") + QString(120, QLatin1Char('d'));
        QVERIFY(QDir().mkpath(deep));
        Child first(deep, QString());
        QCOMPARE(first.line(), QStringLiteral("first"));
        Child second(deep, QString(), "100");
        QVERIFY(second.line().contains(QString::number(first.pid())));
#else
        QSKIP("pipes lie in no folder");
#endif
    }

    void folderThatCannotBeLocked_startsAlone() {
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression("A second start will open a second window.*"));
        SingleInstance lonely(data() + QStringLiteral("/missing"), QString());
        QCOMPARE(lonely.claim(0), SingleInstance::Claim::First);
        SingleInstance homeless(QString(), runtime());
        QCOMPARE(homeless.claim(0), SingleInstance::Claim::First);
        QVERIFY(QDir(runtime()).entryList(QDir::System | QDir::NoDotAndDotDot).isEmpty());
    }
};

int main(int argc, char* argv[]) {
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 5 && arguments.at(1) == QStringLiteral("--child"))
        return runChild(arguments);
    SingleInstanceTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "single_instance_test.moc"
