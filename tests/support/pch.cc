// Stands for the precompiled header: see CMakeLists.txt.
