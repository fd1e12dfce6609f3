<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
    <context>
        <name>TableBlock</name>
        <message numerus="yes">
            <source>Table with %n rows</source>
            <translation>
                <numerusform>Table with %n row</numerusform>
                <numerusform>Table with %n rows</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ModelController</name>
        <message numerus="yes">
            <source>%n core(s), %1</source>
            <translation>
                <numerusform>%n core, %1</numerusform>
                <numerusform>%n cores, %1</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n multiprocessor(s), %1</source>
            <translation>
                <numerusform>%n multiprocessor, %1</numerusform>
                <numerusform>%n multiprocessors, %1</numerusform>
            </translation>
        </message>
    </context>
</TS>
