// Paths of a repository's files: what may become a file here, and what never does.
#include "net/download/file_path.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace sotto;
using namespace sotto::net;

class FilePathTest : public QObject {
    Q_OBJECT

private slots:
    void good_data() {
        QTest::addColumn<QString>("path");
        for (const char* path : {"model.gguf", "Q4_K_M/model-00001-of-00002.gguf", "a b/c (1).gguf",
                                 "模型.gguf", ".gitattributes", "a..b/c", "console/x", "com/lpt",
                                 "comet.gguf", "nulls", "a.con", "COM10.txt"})
            QTest::newRow(path) << QString::fromUtf8(path);
    }
    void good() {
        QFETCH(QString, path);
        const Status status = checkFilePath(path.toStdString());
        QVERIFY2(status, status ? "" : status.error().message.c_str());
    }

    void bad_data() {
        QTest::addColumn<QByteArray>("path");
        for (const char* path : {"",
                                 "/etc/passwd",
                                 "../a",
                                 "a/../b",
                                 "a/..",
                                 "./a",
                                 "a//b",
                                 "a/",
                                 "..\\a",
                                 "a\\b",
                                 "C:/a",
                                 "a:b",
                                 "con",
                                 "CON.gguf",
                                 "a/NUL",
                                 "aux.tar.gz",
                                 "COM1",
                                 "lpt9.txt",
                                 "prn .x",
                                 "com\u00b9.gguf",
                                 "CONIN$",
                                 "a.",
                                 "a ",
                                 "a. /b",
                                 "a\nb",
                                 "a\tb",
                                 "a\x7f"
                                 "b",
                                 "a?b",
                                 "a*b",
                                 "a|b",
                                 "a<b",
                                 "a>b",
                                 "a\"b"})
            QTest::newRow(path) << QByteArray(path);
        QTest::newRow("zero byte") << QByteArray("a\0b", 3);
        QTest::newRow("overlong slash") << QByteArray("a\xc0\xafz");
        QTest::newRow("surrogate") << QByteArray("a\xed\xa0\x80z");
        QTest::newRow("cut") << QByteArray("a\xe6\xa8");
        QTest::newRow("long name") << QByteArray(201, 'a');
        QTest::newRow("long path") << QByteArray("ab/").repeated(400) + "c";
    }
    void bad() {
        QFETCH(QByteArray, path);
        const Status status = checkFilePath(path.toStdString());
        QVERIFY2(!status, "it is taken");
        QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
    }

    void target_staysInItsFolder() {
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        const auto target = targetIn(root, "Q4/a.gguf");
        QVERIFY(target);
        QCOMPARE(*target, root / "Q4" / "a.gguf");
        QVERIFY(!targetIn(root, "../a.gguf"));
    }

    void aName_thatDiffersOnlyInCase_isRefused() {
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        QVERIFY(QDir(folder.path()).mkdir("q4"));
        QVERIFY(!targetIn(root, "Q4/a.gguf"));
        QVERIFY(targetIn(root, "q4/a.gguf"));
        QFile file(folder.filePath("q4/Model.gguf"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(!targetIn(root, "q4/model.gguf"));
        QVERIFY(targetIn(root, "q4/Model.gguf"));
    }

    void clashes() {
        QCOMPARE(caseClash({"a.gguf", "b.gguf", "A.gguf"}), std::string_view("A.gguf"));
        QCOMPARE(caseClash({"a.gguf", "b.gguf"}), std::string_view());
        QCOMPARE(caseClash({"a.gguf", "a.gguf"}), std::string_view("a.gguf"));
    }
};

QTEST_GUILESS_MAIN(FilePathTest)
#include "file_path_test.moc"
