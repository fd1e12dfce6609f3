// Wrong kernels end their program: a divergent barrier always, accesses out of bounds under the
// address sanitizer.
#include <QtTest>

class SimtMemoryTest : public QObject {
    Q_OBJECT
private slots:
    void wrongKernel_endsTheProgram_data();
    void wrongKernel_endsTheProgram();
};

void SimtMemoryTest::wrongKernel_endsTheProgram_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("needsSanitizer");
    QTest::addColumn<QStringList>("words");
    QTest::newRow("divergent barrier")
        << "divergent" << false
        << QStringList{"divergent barrier", "divergentKernel", "block (0, 0, 0)",
                       "faulty_program.cpp", "thread 32"};
    QTest::newRow("dynamic shared memory")
        << "dynamic" << true << QStringList{"heap-buffer-overflow", "dynamicSharedKernel"};
    QTest::newRow("static shared memory")
        << "static" << true << QStringList{"heap-buffer-overflow", "staticSharedKernel"};
    QTest::newRow("device memory")
        << "device" << true << QStringList{"heap-buffer-overflow", "deviceMemoryKernel"};
    QTest::newRow("local memory") << "local" << true
                                  << QStringList{"stack-buffer-overflow", "localKernel"};
    QTest::newRow("device memory that the program follows")
        << "followed" << false << QStringList{"the device wrote 7"};
    QTest::newRow("freed device memory")
        << "freed" << true << QStringList{"heap-use-after-free", "deviceMemoryKernel"};
}

void SimtMemoryTest::wrongKernel_endsTheProgram() {
    QFETCH(QString, name);
    [[maybe_unused]] QFETCH(bool, needsSanitizer);
    QFETCH(QStringList, words);
#if !defined(SOTTO_ADDRESS_SANITIZED)
    if (needsSanitizer) QSKIP("only the address sanitizer (preset asan) sees this");
#endif
    QProcess process;
    process.start(SOTTO_SIMT_FAULTY_PROGRAM, {name});
    QVERIFY(process.waitForFinished(60000));
    const QString output = process.readAllStandardError();
    QVERIFY(process.exitStatus() == QProcess::CrashExit || process.exitCode() != 0);
    QVERIFY(!process.readAllStandardOutput().contains("survived"));
    for (const QString& word : words)
        QVERIFY2(output.contains(word), qPrintable(word + " in: " + output));
}

QTEST_GUILESS_MAIN(SimtMemoryTest)
#include "memory_test.moc"
