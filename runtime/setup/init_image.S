/* The bytes of the init program, whose path the build gives. */
    .section .rodata
    .globl nacre_init_image_start
    .globl nacre_init_image_end
    .balign 16
nacre_init_image_start:
    .incbin NACRE_INIT_IMAGE
nacre_init_image_end:
    .section .note.GNU-stack,"",%progbits
