# SPDX-License-Identifier: Apache-2.0
# cmake -DIN=FILE -DOUT=FILE.c -DNAME=NAME [-DHEADER=FILE.h] -P embed.cmake: the bytes of a file as a C array and its length.
if(NOT HEADER)
	set(HEADER tools/cards/page.h)
endif()
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nconst unsigned char ${NAME}[] = { ${bytes} };\nconst size_t ${NAME}_len = sizeof(${NAME});\n")
